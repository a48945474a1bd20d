"""A command that is turned down leaves no folder behind."""

import shutil
from contextlib import suppress
from pathlib import Path

from reasoning_lab.runs.folder import RunFolder


def absent(place: Path) -> list[Path]:
    """The folders on the way to `place` that are not there yet, itself first."""
    wanted = place.expanduser().absolute()
    return [folder for folder in (wanted, *wanted.parents) if not folder.exists()]


def remove_empty(folders: list[Path]) -> None:
    """Remove folders, innermost first, up to one that holds something."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def discard_untouched(folder: RunFolder) -> bool:
    """Remove a run folder in which nothing was measured or saved; says whether it did.

    Anything of worth (metrics, samples, a checkpoint, a traceback, a manifest) keeps it. The
    group's and the name's folders go too where that leaves them empty.
    """
    files = (folder.manifest, folder.metrics, folder.samples, folder.problems, folder.error)
    if any(path.is_file() and path.stat().st_size > 0 for path in files):
        return False
    if any(path.is_dir() and any(path.iterdir()) for path in (folder.checkpoints, folder.model)):
        return False
    shutil.rmtree(folder.path)
    remove_empty(list(folder.path.absolute().parents[:2]))
    return True
