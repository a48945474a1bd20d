"""A sweep's table: what was varied, what came out, and which jobs the best cannot be told from.

Jobs are compared on the same problems, pair by pair (`paired_difference`). The intervals are not
corrected for the number of jobs: the best of many looks better than it is, which is one more
reason to read "not distinguishable" literally.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.clean import clean, one_line
from reasoning_lab.report.jobs import Job, find, swept_keys
from reasoning_lab.report.words import duration, path, points
from reasoning_lab.runs.atomic import write_text
from reasoning_lab.statistics.interval import Estimate, distinguishable, paired_difference

BEST, TIED = "best", "not distinguishable"
MARKS = {BEST: "bold green", TIED: "yellow", "failed": "bold red"}
MARGIN = 2  # fewer common problems than this give no interval


def table(sweep_folder: Path, console: Console) -> Path:
    """Print the table of the jobs in `sweep_folder` and write it there as `table.csv`.

    Gives the path of the CSV. Raises ArtifactError if the folder holds no runs.
    """
    jobs = find(sweep_folder)
    keys = swept_keys(jobs)
    best = best_job(jobs)
    behind = {job.name: behind_best(job, best) for job in jobs}
    place = sweep_folder / "table.csv"
    write_text(place, _csv(jobs, keys, best, behind))
    console.print(_table(jobs, keys, best, behind))
    _footnotes(jobs, best, place, console)
    return place


def best_job(jobs: Sequence[Job]) -> Job | None:
    """The finished job with the highest main result; the first of equals."""
    judged = [(job, row.after) for job in jobs if (row := job.main()) is not None]
    scored = [(job, after.value) for job, after in judged if after is not None]
    return max(scored, key=lambda pair: pair[1])[0] if scored else None


def behind_best(job: Job, best: Job | None) -> Estimate | None:
    """The job minus the best, paired by problem; None where they share too few problems."""
    if best is None or job is best or job.manifest is None:
        return None
    ours, theirs = job.scores(), best.scores()
    common = sorted(ours.keys() & theirs.keys())
    if len(common) < MARGIN:
        return None
    return paired_difference([theirs[key] for key in common], [ours[key] for key in common])


def mark(job: Job, best: Job | None, behind: Estimate | None) -> str:
    """`best`, `not distinguishable`, or nothing (worse, or not comparable)."""
    if job is best:
        return BEST
    return TIED if behind is not None and not distinguishable(behind) else ""


def _table(
    jobs: Sequence[Job], keys: Sequence[str], best: Job | None, behind: dict[str, Estimate | None]
) -> Table:
    trained = any((row := job.main()) is not None and row.gain is not None for job in jobs)
    grid = Table(header_style="bold", title_justify="left")
    grid.add_column("job")
    short = short_names(keys)
    for key in keys:
        grid.add_column(Text(clean(short[key])), overflow="fold")
    grid.add_column(_heading(jobs))
    if trained:
        grid.add_column("gain (points)")
    grid.add_column("to the best")
    grid.add_column("took", justify="right")
    for job in jobs:
        cells = [Text(clean(job.name))]
        cells += [Text(one_line(_said(job.config.get(key)), characters=60)) for key in keys]
        grid.add_row(*cells, *_outcome(job, trained, mark(job, best, behind[job.name]), behind))
    return grid


def _outcome(
    job: Job, trained: bool, marked: str, behind: dict[str, Estimate | None]
) -> list[Text]:
    row = job.main()
    if job.manifest is None or row is None:
        outcome = [Text(job.status, MARKS.get(job.status, "dim"))]
        return outcome + [Text("")] * (2 + trained)
    distance = behind[job.name]
    to_best = marked if distance is None else f"{points(distance)} {marked}".strip()
    cells = [Text(row.show(row.after), MARKS[BEST] if marked == BEST else "")]
    if trained:
        cells.append(Text(row.difference))
    cells.append(Text(to_best, MARKS.get(marked, "")))
    return [*cells, Text(duration(job.manifest.seconds))]


def _heading(jobs: Sequence[Job]) -> str:
    labels = {row.label for job in jobs if (row := job.main()) is not None}
    return " / ".join(sorted(labels)) or "result"


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """The shortest tail of each key that no other key shares.

    >>> short_names(["peft.r", "reward.terms.format.weight", "reward.terms.accuracy.weight"])
    {'peft.r': 'r', 'reward.terms.format.weight': 'format.weight', 'reward.terms.accuracy.weight': 'accuracy.weight'}
    """
    found = {}
    for key in keys:
        parts = key.split(".")
        tails = (".".join(parts[-length:]) for length in range(1, len(parts) + 1))
        found[key] = next(
            (
                tail
                for tail in tails
                if not any(_ends(other, tail) for other in keys if other != key)
            ),
            key,
        )
    return found


def _ends(key: str, tail: str) -> bool:
    return key == tail or key.endswith(f".{tail}")


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _footnotes(jobs: Sequence[Job], best: Job | None, place: Path, console: Console) -> None:
    for job in jobs:
        if job.reason:
            console.print(Text(f"job {clean(job.name)} {job.status}: {job.reason}"), soft_wrap=True)
    if best is not None and len(jobs) > 1:
        console.print(
            Text(
                "95 % intervals in brackets; distances to the best are in points, paired by problem, "
                "and not corrected for the number of jobs.",
                style="dim",
            )
        )
    console.print(Text(f"table: {path(place)}"), soft_wrap=True)


def _csv(
    jobs: Sequence[Job], keys: Sequence[str], best: Job | None, behind: dict[str, Estimate | None]
) -> str:
    """One line a job: the swept keys, then value, low, high and n of everything measured."""
    names = list(dict.fromkeys(row.metric for job in jobs for row in job.results()))
    columns = [(name, part) for name in names for part in ("before", "after", "gain")]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    heads = [f"{part}/{name}{end}" for name, part in columns for end in ("", "/low", "/high", "/n")]
    distance_heads = ["behind_best", "behind_best/low", "behind_best/high", "behind_best/n"]
    writer.writerow(
        ["job", "status", "reason", *keys, "mark", *distance_heads, "seconds", *heads, "folder"]
    )
    for job in jobs:
        found = {row.metric: row for row in job.results()}
        numbers: list[Any] = []
        for name, part in columns:
            numbers += _numbers(getattr(found[name], part) if name in found else None)
        values = [clean(str(job.config.get(key))) for key in keys]
        distance = behind[job.name]
        seconds = "" if job.manifest is None else job.manifest.seconds
        marked = mark(job, best, distance)
        head = [job.name, job.status, job.reason, *values, marked, *_numbers(distance), seconds]
        writer.writerow([*head, *numbers, clean(str(job.folder.path.name))])
    return buffer.getvalue()


def _numbers(estimate: Estimate | None) -> list[float | int | str]:
    if estimate is None:
        return [""] * 4
    parts = (estimate.value, estimate.low, estimate.high, estimate.n)
    return ["" if part is None else part for part in parts]
