"""Finding the run, or the sweep, that `resume=auto` goes on with.

Of the runs of the same command that have not finished it is the one that is furthest: with the
latest whole checkpoint, and the newest where none has one. Of the same command are runs that are
equal in all that decides the outcome (`config_hash`), where a reference such as
`run:taught@latest` is equal to whatever it was pinned to then. So a run goes on with what it stood
on, also when there is a newer `taught` by now.

Whether somebody works there is not asked here: `runs.alone` waits, or refuses.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.runs.artifacts import means
from reasoning_lab.runs.create import SWEEP, runs_of
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.hashing import config_hash, plain_hash
from reasoning_lab.schema.reference import Reference, references
from reasoning_lab.schema.run import Run


def unfinished(run: Run) -> list[RunFolder]:
    """The folders of the same command that have no manifest, those of sweeps included."""
    found = run_folders(runs_of(run.output, run.name))
    return [folder for folder in found if not folder.finished and is_of(folder, run)]


def furthest(folders: Iterable[RunFolder]) -> RunFolder | None:
    """The one to go on with: by its last whole checkpoint, then by its age; None of none.

    One that was removed meanwhile, as a refused run is, is passed over.
    """
    there = [folder for folder in folders if folder.run_json.is_file()]
    return max(there, key=lambda one: (one.resume_step(), _age(one.run_json)), default=None)


def unfinished_sweeps(output: str, name: str, label: str, runs: Sequence[Run]) -> list[Path]:
    """Every `<output>/<name>/<time>-<label>` that holds these jobs and has not finished.

    `runs` are the sweep's jobs by number; those that were never started may be missing.
    """
    base = runs_of(output, name)
    marks = [mark for end in ("", "-*") for mark in base.glob(f"[!.]*-{label}{end}/{SWEEP}")]
    found: list[Path] = []
    for mark in marks:
        jobs = sweep_jobs(mark.parent, len(runs))
        begun = [pair for pair in zip(jobs, runs, strict=True) if pair[0].run_json.is_file()]
        finished = all(job.finished for job in jobs)
        if not finished and all(is_of(job, run) for job, run in begun):
            found.append(mark.parent)
    return found


def furthest_sweep(groups: Iterable[Path], jobs: int) -> Path | None:
    """The one to go on with: by its finished jobs, then by its checkpoints, then by its age."""

    def progress(group: Path) -> tuple[int, int, int]:
        folders = sweep_jobs(group, jobs)
        steps = sum(job.resume_step() + 1 for job in folders if not job.finished)
        return sum(job.finished for job in folders), steps, _age(group / SWEEP)

    return max(groups, key=progress, default=None)


def sweep_jobs(group: Path, jobs: int) -> list[RunFolder]:
    """The folders of a sweep's jobs by number, those included that are not there yet."""
    return [RunFolder(group / str(number)) for number in range(jobs)]


def earlier_job(run: Run, parent: Path, job: int) -> RunFolder | None:
    """What an earlier command left of this job of the sweep in `parent`; it may be finished."""
    folder = RunFolder(parent / str(job))
    return folder if folder.run_json.is_file() and is_of(folder, run) else None


def is_of(folder: RunFolder, run: Run) -> bool:
    """Whether the folder's run is of the same command as `run`; see the module."""
    try:
        plain = json.loads(folder.run_json.read_text(encoding="utf-8"))
    except ValueError:
        return False
    if not isinstance(plain, dict):
        return False
    for asked in references(run):
        _unpin(plain, asked)
    return plain_hash(plain) == config_hash(run)


def _unpin(plain: dict[str, Any], asked: Reference) -> None:
    """Put what was asked for in the place of what it was pinned to."""
    *path, last = asked.key.split(".")
    node: Any = plain
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    pinned = node.get(last) if isinstance(node, dict) else None
    if isinstance(pinned, str) and means(asked.value, pinned):
        node[last] = asked.value


def _age(file: Path) -> int:
    return file.stat().st_mtime_ns
