"""A sweep's table: what was varied, what came out, and which jobs the best cannot be told from.

Jobs are compared on the same problems, pair by pair (`paired_difference`). The intervals are not
corrected for the number of jobs: the best of many looks better than it is, which is one more
reason to read "not distinguishable" literally.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.atomic import write_text
from reasoning_lab.report.run.next_steps import next_steps, print_steps, sync_all
from reasoning_lab.report.run.results import BUDGET_LIMITED
from reasoning_lab.report.sweep import figures as by_figures
from reasoning_lab.report.sweep.jobs import Job, find, swept_keys
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import duration, path, points
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import Estimate, distinguishable, paired_difference

BEST, TIED = "best", "not distinguishable"
MARKS = {BEST: "bold green", TIED: "yellow", "failed": "bold red"}
LEGEND = (
    "95 % intervals in brackets; differences in points, paired by problem, not corrected for the "
    "number of jobs; ≈ not distinguishable from the best"
)
WIDEST = 24  # columns up to which a heading is not broken inside a word
TELLING = 8  # letters of a key's last word that make it tell what it is by itself
FEWEST = 2  # common problems; fewer give no interval


def table(sweep_folder: Path, console: Console) -> Path:
    """Print the table of the jobs in `sweep_folder` and write it there as `table.csv`.

    Gives the path of the CSV. Raises ArtifactError if the folder holds no runs.
    """
    jobs = find(sweep_folder)
    keys = swept_keys(jobs)
    figures = by_figures.figures_of(jobs)
    best = best_job(jobs) if figures is None else None
    behind = {job.name: behind_best(job, best) for job in jobs}
    place = sweep_folder / "table.csv"
    write_text(place, _csv(jobs, keys, best, behind))
    if figures is not None:
        grid = by_figures.table(jobs, short_names(keys), figures, console)
        console.print(fitting(grid, console, frame=0))
    else:
        grid = _table(jobs, keys, best, behind, narrow=console.width < 100)
        console.print(fitting(grid, console, frame=0))
    _footnotes(jobs, best, place, console)
    _next(sweep_folder, jobs, best, console)
    return place


def _next(sweep_folder: Path, jobs: Sequence[Job], best: Job | None, console: Console) -> None:
    """What to do with the best job, and how to send all of them."""
    manifests = [job.manifest for job in jobs if job.manifest is not None]
    steps = sync_all(sweep_folder, manifests)
    if best is not None and best.manifest is not None:
        run = Run.model_validate_json(best.folder.run_json.read_bytes())
        found = next_steps(run, best.manifest)
        # The sweep has just been made.
        steps = [step for step in found if " -m stage" not in step[1]] + steps
    if steps:
        print_steps(steps, console)


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
    if len(common) < FEWEST:
        return None
    before, after = [theirs[key] for key in common], [ours[key] for key in common]
    return paired_difference(before, after, bounds=(-1.0, 1.0))


def mark(job: Job, best: Job | None, behind: Estimate | None) -> str:
    """`best`, `not distinguishable`, or nothing (worse, or not comparable)."""
    if job is best:
        return BEST
    return TIED if behind is not None and not distinguishable(behind) else ""


def _table(
    jobs: Sequence[Job],
    keys: Sequence[str],
    best: Job | None,
    behind: dict[str, Estimate | None],
    *,
    narrow: bool,
) -> Table:
    trained = any((row := job.main()) is not None and row.gain is not None for job in jobs)
    grid = Table(header_style="bold", box=box.SIMPLE)
    grid.add_column("job")
    short = short_names(keys)
    for key in keys:
        heading = clean(short[key]).replace(".", ".\n")
        heading = heading.replace("_", "_\n") if narrow else heading
        widest = max(map(len, heading.split("\n")))
        grid.add_column(Text(heading), overflow="fold", min_width=min(widest, WIDEST))
    grid.add_column(_heading(jobs), no_wrap=True)
    if trained:
        grid.add_column("gain", no_wrap=True)
    grid.add_column("to the best", no_wrap=True)
    if not narrow:
        grid.add_column("took", justify="right", no_wrap=True)
    for job in jobs:
        swept = [Text(job.said(key)) for key in keys]
        marked = mark(job, best, behind[job.name])
        cells = _outcome(job, marked, behind[job.name], trained)
        took = "" if job.manifest is None else duration(job.manifest.seconds)
        grid.add_row(Text(clean(job.name)), *swept, *cells, *([] if narrow else [took]))
    return grid


def _outcome(job: Job, marked: str, distance: Estimate | None, trained: bool) -> list[Text]:
    row = job.main()
    if job.manifest is None or row is None:
        outcome = [Text(job.status, MARKS.get(job.status, "dim"))]
        return outcome + [Text("")] * (1 + trained)
    sign = {BEST: BEST, TIED: "≈ "}.get(marked, "")
    cells = [_stacked(row.show(row.after), MARKS[BEST] if marked == BEST else "")]
    if row.is_limited:
        cells[0].append(f"\n{BUDGET_LIMITED}", "yellow")
    if trained:
        cells.append(_stacked(row.difference))
    to_best = sign if distance is None else sign + points(distance)
    return [*cells, _stacked(to_best, MARKS.get(marked, ""))]


def _stacked(text: str, style: str = "") -> Text:
    """An estimate with its interval underneath: a sweep's table is wide enough without it."""
    return Text(text.replace(" [", "\n["), style)


def _heading(jobs: Sequence[Job]) -> str:
    labels = {row.label for job in jobs if (row := job.main()) is not None}
    return " / ".join(sorted(labels)) or "result"


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """The shortest tail of each key that no other key shares: its last word, if that is long
    enough to say what it is, else two words or more.

    >>> short_names(["peft.r", "reward.terms.format.weight", "stage.num_generations"])
    {'peft.r': 'peft.r', 'reward.terms.format.weight': 'format.weight', \
'stage.num_generations': 'num_generations'}
    """
    found = {}
    for key in keys:
        parts, others = key.split("."), [other for other in keys if other != key]
        words = 1 if len(parts[-1]) >= TELLING else 2
        tails = [".".join(parts[start:]) for start in range(max(0, len(parts) - words), -1, -1)]
        alone = (t for t in tails if not any(f".{other}".endswith(f".{t}") for other in others))
        found[key] = next(alone, key)
    return found


def _footnotes(jobs: Sequence[Job], best: Job | None, place: Path, console: Console) -> None:
    for job in jobs:
        if job.reason:
            console.print(Text(f"job {clean(job.name)} {job.status}: {job.reason}"), soft_wrap=True)
    if best is not None and len(jobs) > 1:
        console.print(Text(LEGEND, style="dim"))
        if parts := settings_apart(jobs):
            said = f"measured under different settings: {', '.join(parts)}"
            console.print(Text(f"{said}; not comparable as they stand", style="yellow"))
    console.print(Text(f"table: {path(place)}"), soft_wrap=True)


def settings_apart(jobs: Sequence[Job]) -> list[str]:
    """The parts of what can change a score (`measured_with`) in which finished jobs differ."""
    found: dict[str, set[str]] = {}
    for job in jobs:
        for part, digest in (job.manifest.measured_with if job.manifest else {}).items():
            found.setdefault(part, set()).add(digest)
    return sorted(part for part, digests in found.items() if len(digests) > 1)


def _csv(
    jobs: Sequence[Job], keys: Sequence[str], best: Job | None, behind: dict[str, Estimate | None]
) -> str:
    """One line a job: the swept keys, then value, low, high and n of everything measured."""
    lines: list[dict[str, Any]] = []
    no_distance = dict.fromkeys(f"behind_best{end}" for end in ("", "/low", "/high", "/n"))
    for job in jobs:
        distance = behind[job.name]
        line: dict[str, Any] = {"job": job.name, "status": job.status, "reason": job.reason}
        line |= {key: clean(str(job.config.get(key))) for key in keys}
        line |= {"mark": mark(job, best, distance), **no_distance}
        line |= _numbers("behind_best", distance)
        for row in job.results():
            line |= _numbers(f"before/{row.metric}", row.before)
            line |= _numbers(f"after/{row.metric}", row.after)
            line |= _numbers(f"gain/{row.metric}", row.gain)
            if row.metric.endswith("/pass@1"):
                way = row.metric.partition("/")[0]
                line |= _numbers(f"after/{way}/cut_off", row.cut_off)
                line |= _numbers(f"after/{way}/empty", row.empty)
        line |= {"seconds": "" if job.manifest is None else job.manifest.seconds}
        lines.append(line)
    buffer = io.StringIO()
    columns = dict.fromkeys(column for line in lines for column in line)
    writer = csv.DictWriter(buffer, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


def _numbers(name: str, estimate: Estimate | None) -> dict[str, float | int | None]:
    if estimate is None:
        return {}
    ends = {"low": estimate.low, "high": estimate.high, "n": estimate.n}
    return {name: estimate.value, **{f"{name}/{end}": each for end, each in ends.items()}}
