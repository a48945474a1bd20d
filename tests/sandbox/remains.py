"""The processes that come of a keeper, wherever they have got to."""

from pathlib import Path

from reasoning_lab.sandbox.door import Door
from sandbox.test_sandbox_life import descendants


def of_keeper(door: Door) -> set[int]:
    """A keeper and all that comes of it, also what has left its family by a second fork.

    Whatever a keeper forks has its command line. Another keeper of this process may have the same
    one: let it rest while sets are compared.
    """
    line = Path(f"/proc/{door.process.pid}/cmdline").read_bytes()
    return descendants(door.process.pid) | {
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if _read(path) == line
    }


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
