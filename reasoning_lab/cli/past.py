"""`python -m reasoning_lab runs`: past runs, the newest first, with what came out of each.

Everything is read from run folders, without torch; nothing is written.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reasoning_lab.cli.past_filters import Wanted, filters
from reasoning_lab.errors import ArtifactError
from reasoning_lab.report.sweep.jobs import Job, job_of
from reasoning_lab.report.text.clean import one_line
from reasoning_lab.report.verbs import report_of
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.schema.stages import VERBS

STYLES = {"finished": "green", "failed": "red", "unreadable": "red", "running": "cyan"}
HEADINGS = ("date", "name", "stage", "state", "result", "folder")


def past_runs(arguments: Sequence[str]) -> int:
    """Print the past runs that the filters among the arguments let through; return 0.

    Raises ConfigError for a filter that is none or has a value that cannot be.
    """
    wanted = filters(arguments)
    console = Console(highlight=False)
    rows: list[Sequence[str]] = []
    for folder in _newest_first(wanted):
        if len(rows) == wanted.last:
            break
        row = _row(folder)
        if wanted.stage in (None, row[2]) and wanted.state in (None, row[3]):
            rows.append(row)
    if rows:
        _print([HEADINGS, *rows], console)
    else:
        console.print(Text(f"no such runs in {wanted.output}"), soft_wrap=True)
    return 0


def _newest_first(wanted: Wanted) -> list[RunFolder]:
    names = wanted.output.glob(f"{wanted.name or '[!.]*'}/")
    found = [folder for base in names for folder in run_folders(base)]
    return sorted(found, key=lambda one: (one.group, len(one.path.name), one.id), reverse=True)


def _row(folder: RunFolder) -> Sequence[str]:
    when = folder.group[:16]  # `2026-03-01_10-00-00-0a1b2c3d`
    date = f"{when[:10]} {when[11:].replace('-', ':')}"
    name = folder.path.parent.parent.name
    try:
        job = job_of(folder)
    except ArtifactError as error:
        return date, name, "?", "unreadable", error.problems[0].what, str(folder.path)
    stage = str(job.config.get("stage.kind", "?"))
    return date, name, stage, job.status, _result(job, stage), str(folder.path)


def _result(job: Job, stage: str) -> str:
    """The main result with its interval, or why there is none."""
    if job.manifest is None:
        return job.reason
    figures = report_of(VERBS[stage]).figures if stage in VERBS else None
    if figures is not None:
        return next((f"{key} {value}" for key, value in figures(job.manifest).items()), "")
    row = job.main()
    return "" if row is None else f"{row.label} {row.show(row.after)}"


def _print(rows: Sequence[Sequence[str]], console: Console) -> None:
    """Columns side by side; no line is broken or cut, so that a folder can be copied. On a terminal
    too narrow for them the result and the folder stand below, each on a line of its own.
    """
    cells = [[one_line(cell, characters=200) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    narrow = console.is_terminal and sum(widths) + 2 * (len(widths) - 1) > console.width
    for number, row in enumerate(cells):
        line = Text(style="bold" if number == 0 else "")
        beside, below = (row[:-2], row[-2:]) if narrow else (row[:-1], row[-1:])
        for cell, width in zip(beside, widths, strict=False):
            line.append(f"{cell:<{width}}  ", style=STYLES.get(cell, ""))
        if narrow:
            below = [f"\n  {cell}" for cell in below if cell and number]
        console.print(line.append("".join(below)), soft_wrap=True)
