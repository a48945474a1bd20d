"""Making run folders: exclusive, and visible only when whole.

A folder is made under a hidden name with its `run.json` inside and renamed into place. A rename
onto a folder that holds anything fails, so two runs never share one, whichever second or machine
they start in; a crash before the rename leaves only a hidden `.new-*` folder behind.
"""

import errno
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import sync_folder, write_json
from reasoning_lab.runs.hashing import config_hash
from reasoning_lab.schema.run import Run

SWEEP = "sweep.json"
"""Name of the file that makes a group's folder a sweep's."""

_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)


def create_run(run: Run, *, parent: Path | None = None, job: int = 0) -> Path:
    """Make `<output>/<name>/<time>-<hash8>/<job>/` with the run's `run.json` in it.

    `hash8` is the start of the configuration's hash, so equal runs can be told by eye; when the
    name is taken, `-2`, `-3`, … is added. With `parent`, an existing group's folder, the run is
    placed at `<parent>/<job>`.

    Raises ArtifactError where the folder cannot be written, or `<parent>/<job>` is taken.
    """
    with _explained(Path(run.output)):
        if parent is not None:
            return _place_job(run, parent, job)
        base = _base(run.output, run.name)
        with _staged(base) as staged:
            (staged / str(job)).mkdir()
            write_json(staged / str(job) / "run.json", run.model_dump(mode="json"))
            return _take_free_name(staged, base, config_hash(run)[:8]) / str(job)


def create_group(
    output: str,
    name: str,
    label: str,
    jobs: int | None = None,
    pins: Sequence[Mapping[str, str]] = (),
) -> Path:
    """Make an exclusive group folder `<output>/<name>/<time>-<label>/` for a sweep's jobs.

    It holds `sweep.json` from the start, with the number of `jobs` (None: not known beforehand)
    and each one's pinned references by key, so that no other run can take the name, and no job
    stands on what an earlier one of the same sweep made.
    """
    with _explained(Path(output)):
        base = _base(output, name)
        with _staged(base) as staged:
            write_json(staged / SWEEP, {"jobs": jobs, "pins": [dict(one) for one in pins]})
            return _take_free_name(staged, base, label)


def sweep_size(group: Path) -> int | None:
    """How many jobs the sweep in this folder has; None where that is unknown, or it is none."""
    jobs = _sweep(group).get("jobs")
    return jobs if isinstance(jobs, int) else None


def sweep_pins(group: Path, job: int) -> dict[str, str]:
    """The references of a sweep's job as they were pinned when the sweep began, by key."""
    pins = _sweep(group).get("pins", [])
    return dict(pins[job]) if job < len(pins) else {}


def _sweep(group: Path) -> dict[str, Any]:
    try:
        said = json.loads((group / SWEEP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def create_repeat(original: Path) -> Path:
    """Make the next free sibling `<job>.repeatN` of a run's folder, with the same `run.json`."""
    original = original.resolve()
    with _explained(original.parent), _staged(original.parent) as staged:
        shutil.copyfile(original / "run.json", staged / "run.json")
        names = (original.with_name(f"{original.name}.repeat{number}") for number in count(1))
        return next(target for target in names if _move(staged, target))


def runs_of(output: str, name: str) -> Path:
    """The folder of all runs of this name, which may not be there yet."""
    return Path(output).expanduser().absolute() / name


def make_runs_of(output: str, name: str) -> Path:
    """The same, made where it is missing. Raises ArtifactError where it cannot be."""
    with _explained(Path(output)):
        return _base(output, name)


def _base(output: str, name: str) -> Path:
    base = runs_of(output, name)
    base.mkdir(parents=True, exist_ok=True)
    return base


def _place_job(run: Run, parent: Path, job: int) -> Path:
    target = parent.absolute() / str(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _staged(target.parent) as staged:
        write_json(staged / "run.json", run.model_dump(mode="json"))
        if _move(staged, target):
            return target
    cure = "start the sweep in a new folder"
    raise ArtifactError.one(str(target), "another run already lies here", cure)


def _take_free_name(staged: Path, base: Path, label: str) -> Path:
    ends = chain([""], (f"-{number}" for number in count(2)))
    names = (base / f"{datetime.now():%Y-%m-%d_%H-%M-%S}-{label}{end}" for end in ends)
    return next(target for target in names if _move(staged, target))


def _move(staged: Path, target: Path) -> bool:
    try:
        staged.rename(target)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    sync_folder(target.parent)
    return True


@contextmanager
def _staged(parent: Path) -> Iterator[Path]:
    staged = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    staged.chmod(0o755)
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def _explained(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArtifactError.one(
            "output",
            f"cannot make a run folder in {where}: {error.strerror or error}",
            "free some space or choose another folder with output=",
        ) from error
