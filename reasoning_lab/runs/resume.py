"""Finding the run, or the sweep, that `resume=auto` goes on with.

It is the newest one of the same command: equal in all that decides the outcome (`config_hash`),
where a reference such as `run:taught@latest` is equal to whatever it was pinned to then. So a run
goes on with what it stood on, also when there is a newer `taught` by now.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.runs.artifacts import means
from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.hashing import config_hash, plain_hash
from reasoning_lab.runs.lock import is_running
from reasoning_lab.schema.reference import Reference, references
from reasoning_lab.schema.run import Run


def latest_unfinished(run: Run) -> RunFolder | None:
    """The newest folder of the same command that has no manifest and is not being run.

    If two commands find the same folder, the worker that comes second is refused by the lock.
    """
    base = Path(run.output).expanduser().absolute() / run.name
    for folder in sorted(run_folders(base), key=_age, reverse=True):
        if not folder.finished and is_of(folder, run) and not is_running(folder):
            return folder
    return None


def unfinished_sweep(output: str, name: str, label: str, runs: Sequence[Run]) -> Path | None:
    """The newest `<output>/<name>/<time>-<label>` that holds these jobs and has not finished.

    `runs` are the sweep's jobs by number; those that were never started may be missing. A sweep
    that another command is working on is passed over.
    """
    base = Path(output).expanduser().absolute() / name
    marks = [mark for end in ("", "-*") for mark in base.glob(f"[!.]*-{label}{end}/{SWEEP}")]
    for mark in sorted(marks, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        jobs = [RunFolder(mark.parent / str(number)) for number in range(len(runs))]
        if all(job.finished for job in jobs):
            continue
        busy = any(map(is_running, [RunFolder(mark.parent), *jobs]))
        begun = [pair for pair in zip(jobs, runs, strict=True) if pair[0].run_json.is_file()]
        if not busy and all(is_of(job, run) for job, run in begun):
            return mark.parent
    return None


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


def _age(folder: RunFolder) -> int:
    return folder.run_json.stat().st_mtime_ns
