"""How much memory is free: on this machine, and in the control groups that this process is in.

psutil does not know of the latter, and the sandbox runs without any package.
"""

import functools
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def available_mb() -> int:
    """Megabytes that can be had without swapping, by Linux's estimate.

    >>> available_mb() > 0
    True
    """
    free = _of_the_machine()
    for limit, used, caches in _limited():
        free = min(free, limit - (_number(used) - _cached(caches)))
    return max(0, int(free) >> 20)


def _of_the_machine() -> int:
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    (available,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(available) * 1024


@functools.cache
def _limited() -> list[tuple[int, Path, Path]]:
    """Each group's limit in bytes, with the files that tell what it uses, caches included."""
    found = []
    for folder, most, used in _groups():
        limit = _number(folder / most)
        if limit:
            found.append((limit, folder / used, folder / "memory.stat"))
    return found


def _groups() -> list[tuple[Path, str, str]]:
    """The groups of this process and those around them, in both versions of control groups.

    In a container the paths may be those of the host, and only the outermost is there.
    """
    try:
        lines = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        top = _GROUPS / "memory" if kinds else _GROUPS
        files = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes")
            if kinds
            else ("memory.max", "memory.current")
        )
        here = Path(path.lstrip("/"))
        found += [(top / each, *files) for each in (here, *here.parents)]
    return found


def _number(file: Path) -> int:
    """0 for a file that is not there, or holds no number, as where there is no limit."""
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _cached(file: Path) -> int:
    """Bytes of the group's file caches, which the kernel gives up first."""
    try:
        words = file.read_text("ascii").split()
    except OSError:
        return 0
    values = dict(zip(words[::2], words[1::2], strict=False))
    return int(values.get("total_inactive_file") or values.get("inactive_file") or 0)
