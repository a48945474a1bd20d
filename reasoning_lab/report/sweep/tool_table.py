"""The table of a sweep of tools: what was varied, and the figures that each tool names.

A tool says what to show by `sweep_figures(manifest)` in `report/<stage>_table.py`; one that does
not has the plain table of every sweep. No job is called the best: totals under different weights
are in different units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.run.tool_summary import TABLES
from reasoning_lab.report.sweep.jobs import Job
from reasoning_lab.report.text.clean import clean, one_line
from reasoning_lab.report.text.words import setting
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.stages import VERBS

UNBOUNDED = 10_000  # columns
Figures = Callable[[Manifest], dict[str, str]]


def figures_of(jobs: Sequence[Job]) -> Figures | None:
    """How the jobs' one tool words its figures; None unless they are all of such a tool."""
    kinds = {str(job.config.get("stage.kind")) for job in jobs}
    if len(kinds) != 1 or not all(kind in VERBS and not VERBS[kind].device for kind in kinds):
        return None
    found: Figures | None = getattr(TABLES[kinds.pop()], "sweep_figures", None)
    return found


def table(jobs: Sequence[Job], keys: dict[str, str], figures: Figures, console: Console) -> Table:
    """A line a job; `keys` are the swept keys and their short names.

    Where the console is too narrow for the intervals they are left to the CSV, not cut off.
    """
    said = {job.name: figures(job.manifest) for job in jobs if job.manifest is not None}
    loose = _grid(jobs, keys, said, tight=False)
    options = console.options.update(max_width=UNBOUNDED)
    needed = Measurement.get(console, options, loose)
    if needed.maximum <= console.width:
        return loose
    if needed.minimum <= console.width:
        return _grid(jobs, keys, said, tight=True)
    bare = {job: {name: _bare(cell) for name, cell in one.items()} for job, one in said.items()}
    grid = _grid(jobs, keys, bare, tight=True)
    grid.caption, grid.caption_justify = "95 % intervals: in the CSV", "left"
    return grid


def _grid(
    jobs: Sequence[Job], keys: dict[str, str], said: dict[str, dict[str, str]], *, tight: bool
) -> Table:
    """With `tight` a column of figures is as wide as its widest figure or word of its heading."""
    headings = list(dict.fromkeys(name for one in said.values() for name in one)) or ["result"]
    grid = Table(header_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column("job")
    for short in keys.values():
        grid.add_column(Text(clean(short).replace(".", ".\n")), overflow="fold")
    for heading in headings:
        # A broken interval cannot be read; a long heading can, word by word.
        cells = [line for one in said.values() for line in _cell(one, heading).split("\n")]
        words = max(map(len, heading.split()))
        width = max(words, *map(len, cells), 0)
        grid.add_column(heading, justify="right", min_width=width, width=width if tight else None)
    for job in jobs:
        swept = [Text(one_line(setting(job.config.get(key)), characters=60)) for key in keys]
        row = said.get(job.name, {headings[0]: job.status})
        grid.add_row(Text(clean(job.name)), *swept, *(Text(_cell(row, name)) for name in headings))
    return grid


def _bare(cell: str) -> str:
    """A figure without its interval."""
    return cell.partition(" [")[0]


def _cell(row: dict[str, str], heading: str) -> str:
    """A figure, its interval in a line of its own."""
    return row.get(heading, "").replace(" [", "\n[")
