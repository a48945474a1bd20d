"""One worker at a time on one configuration, and a folder for it that nobody else has.

Two equal runs side by side train the same weights twice, and whichever is resumed later, the other
one's work is lost. So a run whose configuration is being run is refused (`resume=beside` starts it
all the same), and one that is ending, as a run is that was killed, is waited for. This holds for
`resume=auto`, and for every verb that needs a device; the others end in seconds and may stand side
by side. A sweep that lists a job twice has asked for both.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.create import create_group, make_runs_of
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.lock import (
    Claim,
    Work,
    being_run,
    claim,
    holder,
    is_running,
    one_chooser,
    work_in,
)
from reasoning_lab.runs.resume import sweep_jobs, unfinished, unfinished_sweeps
from reasoning_lab.schema.run import Run

PATIENCE = 300.0
"""Seconds that a run may take to end; it finishes its step and saves, which takes the longest."""
_PAUSE = 0.1

Say = Callable[[str], object]


def alone(run: Run) -> bool:
    """Whether this run wants its configuration for itself."""
    return run.resume == "auto" or (run.resume == "never" and run.stage.device)


def rivals(run: Run, group: Path | None = None) -> list[RunFolder]:
    """Folders outside of the sweep in `group` in which this very configuration is being run."""
    found = [folder for folder in unfinished(run) if is_running(folder)]
    return [folder for folder in found if group is None or folder.path.parent != group.absolute()]


def let_end(folders: Sequence[RunFolder], say: Say, patience: float = PATIENCE) -> None:
    """Return when nobody works in any of `folders`; tell by `say` what is waited for.

    Raises ArtifactError for a run that is not about to end, or takes longer than `patience`.
    """
    deadline = time.monotonic() + patience
    told: set[RunFolder] = set()
    while busy := [one for one in folders if is_running(one)]:
        for folder in busy:
            if work_in(folder) is Work.RUNNING:
                raise being_run(folder)
            if folder not in told:
                told.add(folder)
                say(_waiting(folder, patience))
        if time.monotonic() > deadline:
            raise _too_slow(busy[0], patience)
        time.sleep(_PAUSE)


def take(folder: RunFolder) -> Claim | None:
    """Lock a folder that was free a moment ago; None where another command came first."""
    with suppress(ArtifactError):
        return claim(folder)
    return None


def take_new(run: Run, asked: Run, *, parent: Path | None = None, job: int = 0) -> Claim | None:
    """Make and lock a folder for `run`; None where another command has come first.

    `asked` is the run before its references were pinned. Raises ArtifactError where the folder
    cannot be made.
    """
    with one_chooser(make_runs_of(run.output, run.name)):
        if run.resume == "auto" and parent is None and unfinished(asked):
            return None
        if alone(run) and rivals(run, parent):
            return None
        return claim(RunFolder.create(run, parent=parent, job=job))


def take_new_sweep(
    place: tuple[str, str, str],
    jobs: Sequence[Run],
    size: int | None,
    pins: Sequence[Mapping[str, str]],
) -> Claim | None:
    """Make and lock the folder of a sweep; None where another command has come first.

    `place` is output, name and label; `jobs` are the runs as they were asked for; `size` and `pins`
    as `create_group` takes them.
    """
    output, name, _ = place
    with one_chooser(make_runs_of(output, name)):
        groups = unfinished_sweeps(*place, jobs) if any(map(alone, jobs)) else []
        if groups and all(job.resume == "auto" for job in jobs):
            return None
        if any(map(is_running, sweep_folders(groups, len(jobs)))):
            return None
        return claim(RunFolder(create_group(*place, size, pins)))


def sweep_folders(groups: Iterable[Path], jobs: int) -> list[RunFolder]:
    """Every folder that is locked while one of these sweeps is being run."""
    return [folder for group in groups for folder in (RunFolder(group), *sweep_jobs(group, jobs))]


def _waiting(folder: RunFolder, patience: float) -> str:
    return (
        f"an earlier run of this configuration is ending ({holder(folder)}) in {folder.path}; "
        f"waiting for it, at most {patience:.0f} s"
    )


def _too_slow(folder: RunFolder, patience: float) -> ArtifactError:
    return ArtifactError.one(
        str(folder.path),
        f"was told to end, and after {patience:.0f} s still has not ({holder(folder)})",
        "wait for it, or end that process with kill -9, and repeat the command",
    )
