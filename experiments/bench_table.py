"""What the benchmarks share: a side in a fresh process, a row of the table, and its end."""

import csv
import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

HEAD = ["what", "bar", "median", "min..max", "met", "note"]


def in_a_process(script: str, side: str, *options: str, **environment: str) -> dict[str, float]:
    """What `script --side SIDE` prints as JSON in a fresh process, on one thread.

    `options` follow on its command line, `environment` is set for it besides. A side that fails
    ends the benchmark.
    """
    command = [sys.executable, script, "--side", side, *options]
    mine = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | mine | environment
    )
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(name: str, bar: str, values: list[float], met: bool, note: str = "") -> list[str]:
    """A row of the table: the median of some values and their span."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return [name, bar, f"{middle:,.4g}", f"{low:,.4g}..{high:,.4g}", "yes" if met else "NO", note]


def unmeasured(name: str, bar: str, why: str) -> list[str]:
    """A row that has no value; its bar is not met."""
    return [name, bar, "", "", "NO", f"not measured: {why}"]


def finish(rows: list[list[str]], out: Path, *, load: float, repeat: int) -> int:
    """Print the table and write it to `out` as CSV; exit status 1 when a bar is not met.

    `load` is the machine's when the first row was begun.
    """
    title = (
        f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores"
        f" ({platform.machine()}), load {load:.1f} at the start, {repeat} repeats"
    )
    table = Table(*HEAD, title=title)
    for cells in rows:
        table.add_row(*cells)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    with out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return int(any(cells[HEAD.index("met")] == "NO" for cells in rows))
