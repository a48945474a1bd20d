"""Finding the run, or the sweep, that `resume=auto` goes on with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash, plain_hash
from reasoning_lab.runs.lock import is_running
from reasoning_lab.schema.run import Run


def latest_unfinished(run: Run) -> RunFolder | None:
    """The newest folder of the same configuration that has no manifest and is not being run.

    Same means equal `config_hash`: where results are kept or tracked may differ. A folder that is
    being run right now (see `lock`) is passed over, so a running run is never resumed twice; if
    two commands find the same folder, the worker that comes second is refused by the lock.
    """
    wanted = config_hash(run)
    base = Path(run.output).expanduser().absolute() / run.name
    for folder in sorted(run_folders(base), key=_age, reverse=True):
        if not folder.finished and _hash_of(folder) == wanted and not is_running(folder):
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
        if not busy and all(_is_of(job, run) for job, run in zip(jobs, runs, strict=True)):
            return mark.parent
    return None


def earlier_job(run: Run, parent: Path, job: int) -> RunFolder | None:
    """What an earlier command left of this job of the sweep in `parent`; it may be finished."""
    folder = RunFolder(parent / str(job))
    return folder if folder.run_json.is_file() and _is_of(folder, run) else None


def run_folders(base: Path) -> list[RunFolder]:
    """Every run under `<output>/<name>`, finished or not, without repeats, in no order."""
    folders = [RunFolder(path.parent) for path in base.glob("[!.]*/[!.]*/run.json")]
    return [folder for folder in folders if folder.original is None]


def _age(folder: RunFolder) -> int:
    return folder.run_json.stat().st_mtime_ns


def _is_of(folder: RunFolder, run: Run) -> bool:
    """Whether the folder is of this configuration, or not there yet."""
    return not folder.run_json.is_file() or _hash_of(folder) == config_hash(run)


def _hash_of(folder: RunFolder) -> str | None:
    try:
        plain = json.loads(folder.run_json.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return plain_hash(plain) if isinstance(plain, dict) else None
