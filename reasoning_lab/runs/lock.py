"""One process at a time in a run folder.

Locks are the kernel's (`flock`), so they end with the process that holds them, however that ends:
a killed run is free to be resumed at once, and there is no stale lock to clear by hand.

    .lock       held while anything works in the folder: by the command from the moment it chose
                the folder, and by the worker it starts, which inherits it
    .attended   held by who answers for the run: its command, or a worker that was started by hand.
                Given up when a stop is handed on, and gone when the command is: a folder that is
                locked and not attended is ending
    .ranks      shared by the ranks of a run over several processes, which may outlive what
                started them by the time it takes to save
"""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.folder import RunFolder

LOCK_HANDLE = "REASONING_LAB_LOCK"
"""Environment variable with the number of the inherited handle of `.lock`."""

# A look at a lock holds it for an instant; a run that starts just then tries again.
_ATTEMPTS = 20
_PAUSE = 0.05


class Work(Enum):
    """What goes on in a folder at this moment."""

    NONE = "none"
    RUNNING = "running"
    ENDING = "ending"  # told to stop, or its command is gone: it saves, and frees the folder


@dataclass(slots=True)
class Claim:
    """A folder's lock in this process's hands; `attended` is None where another one answers."""

    folder: RunFolder
    handle: int
    attended: int | None

    def leave(self) -> None:
        """Let others know that the run is ending; the folder stays locked."""
        if self.attended is not None:
            os.close(self.attended)
            self.attended = None

    def release(self) -> None:
        """Free the folder, unless a process that inherited the lock still holds it.

        Twice does no harm.
        """
        self.leave()
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


def claim(folder: RunFolder) -> Claim:
    """Lock the folder for this process; its id and the time are written into the lock.

    Raises ArtifactError if another process works there, or the file system has no locks.
    """
    handle = _open(folder.lock)
    attended = None
    try:
        if not _try_for_a_while(handle) or _ranks_work(folder):
            raise being_run(folder)
        attended = _open(folder.attended)
        _try_for_a_while(attended)
        _sign(handle)
    except BaseException:
        for one in (handle, attended):
            if one is not None:
                os.close(one)
        raise
    return Claim(folder, handle, attended)


@contextmanager
def held(folder: RunFolder) -> Iterator[Claim]:
    """Hold the folder's lock within the block: the inherited one, or one of its own.

    Raises ArtifactError like `claim`.
    """
    mine = _inherited(folder) or claim(folder)
    try:
        yield mine
    finally:
        mine.release()


@contextmanager
def held_by_rank(folder: RunFolder) -> Iterator[None]:
    """Within the block others see that a rank works here, also when its launcher is gone."""
    handle = _open(folder.ranks)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def work_in(folder: RunFolder) -> Work:
    """What goes on in the folder.

    A folder whose lock this user may not read is somebody else's, and counts as running.
    """
    try:
        if not _taken(folder.lock, fcntl.LOCK_SH) and not _ranks_work(folder):
            return Work.NONE
        return Work.RUNNING if _taken(folder.attended, fcntl.LOCK_SH) else Work.ENDING
    except PermissionError:
        return Work.RUNNING


def is_running(folder: RunFolder) -> bool:
    """Whether a process works in the folder at this moment, be it only to end."""
    return work_in(folder) is not Work.NONE


def holder(folder: RunFolder) -> str:
    """Who works in the folder, in words; a process id is one of the machine it runs on."""
    try:
        known = json.loads(folder.lock.read_text(encoding="utf-8"))
        return f"process {known['pid']} since {known['started']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def being_run(folder: RunFolder) -> ArtifactError:
    """The refusal of a folder in which another process works."""
    return ArtifactError.one(
        str(folder.path),
        f"is being run right now ({holder(folder)})",
        "wait for it or stop it; a second run beside it: resume=beside",
    )


@contextmanager
def one_chooser(base: Path) -> Iterator[None]:
    """Let one command at a time choose or make a folder under `base`, which exists.

    The lock file is removed afterwards; who had opened it by then tries again with a new one.
    """
    path = base / ".choosing"
    while True:
        handle = _open(path)
        try:
            _flock(handle, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                break
        except FileNotFoundError:
            pass  # removed between the two looks
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
        os.close(handle)


def _inherited(folder: RunFolder) -> Claim | None:
    """The lock that the command handed to this process; None where it was started by hand."""
    number = os.environ.pop(LOCK_HANDLE, None)
    if number is None:
        return None
    handle = int(number)
    if not os.path.samestat(os.fstat(handle), folder.lock.stat()):
        raise ValueError(f"handle {handle} is not the lock of {folder.path}")
    os.set_inheritable(handle, False)
    _sign(handle)
    return Claim(folder, handle, None)


def _sign(handle: int) -> None:
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    text = json.dumps({"pid": os.getpid(), "started": started}).encode()
    os.pwrite(handle, text, 0)
    os.ftruncate(handle, len(text))


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)


def _ranks_work(folder: RunFolder) -> bool:
    return _taken(folder.ranks, fcntl.LOCK_EX)


def _taken(path: Path, kind: int) -> bool:
    """Whether a lock of this kind cannot be had now. Looks by LOCK_SH are not in each other's way.

    Raises PermissionError for a file that is not this user's to open.
    """
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _flock(handle, kind | fcntl.LOCK_NB)
    finally:
        os.close(handle)


def _try_for_a_while(handle: int) -> bool:
    for _ in range(_ATTEMPTS):
        if _flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return True
        time.sleep(_PAUSE)
    return False


def _flock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            raise
        raise ArtifactError.one(
            "output",
            "this file system has no file locks (flock), so runs could overwrite each other",
            "choose a folder on another one with output=",
        ) from error
    return True
