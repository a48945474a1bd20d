"""The table of a sweep whose verb names its figures: what was varied, and these.

No job is called the best: totals under different weights are in different units.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.sweep.jobs import Job
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.narrow import UNBOUNDED
from reasoning_lab.report.verbs import Figures, report_of
from reasoning_lab.schema.stages import VERBS


def figures_of(jobs: Sequence[Job]) -> Figures | None:
    """How the jobs' one verb words its figures; None where they are of several, or it has none."""
    verbs = {VERBS.get(job.config.get("stage.kind", "")) for job in jobs}
    verb = verbs.pop()
    return None if verb is None or verbs else report_of(verb).figures


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
    for one in said.values():
        one.update({name: cell.partition(" [")[0] for name, cell in one.items()})
    grid = _grid(jobs, keys, said, tight=True)
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
        width = max(map(len, [*heading.split(), *cells]))
        grid.add_column(heading, justify="right", min_width=width, width=width if tight else None)
    for job in jobs:
        swept = [Text(job.said(key)) for key in keys]
        row = said.get(job.name, {headings[0]: job.status})
        grid.add_row(Text(clean(job.name)), *swept, *(Text(_cell(row, name)) for name in headings))
    return grid


def _cell(row: dict[str, str], heading: str) -> str:
    """A figure, its interval in a line of its own."""
    return row.get(heading, "").replace(" [", "\n[")
