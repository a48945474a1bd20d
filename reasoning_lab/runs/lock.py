"""One process at a time in a run folder.

The lock is the kernel's (`flock`), so it ends with the process that holds it, however that ends:
a killed run is free to be resumed at once, and there is no stale lock to clear by hand.
"""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.folder import RunFolder

# A look at the lock holds it for an instant; a run that starts just then tries again.
_ATTEMPTS = 20
_PAUSE = 0.05


@contextmanager
def held(folder: RunFolder) -> Iterator[None]:
    """Hold the folder's lock within the block; process id and start time are written into it.

    Raises ArtifactError if another process holds it, or the file system has no locks.
    """
    handle = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _try_for_a_while(handle):
            raise ArtifactError.one(
                str(folder.path),
                f"is being run right now ({_holder(handle)})",
                "wait for it, or start another run",
            )
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "started": started}).encode(), 0)
        yield
    finally:
        os.close(handle)


def is_running(folder: RunFolder) -> bool:
    """Whether a process holds the folder's lock at this moment."""
    try:
        handle = os.open(folder.lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    except PermissionError:
        # Somebody else's run: whether it lives or not, it is not ours to take over.
        return True
    try:
        return not _try(handle)
    finally:
        os.close(handle)


def _try_for_a_while(handle: int) -> bool:
    for _ in range(_ATTEMPTS):
        if _try(handle):
            return True
        time.sleep(_PAUSE)
    return False


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
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


def _holder(handle: int) -> str:
    try:
        known = json.loads(os.pread(handle, 4096, 0))
        return f"process {known['pid']} since {known['started']}"
    except (ValueError, KeyError, TypeError):
        return "by another process"
