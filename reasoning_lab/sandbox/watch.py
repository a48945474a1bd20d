"""What a program and all that it made use together: no kernel limit counts that without cgroups."""

import os
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.025  # seconds between looks
SELDOM = 0.1  # while a program sleeps
IDLE = 2 * EVERY  # without any computing, after which it sleeps
_SLACK = 32 * 2**20  # bytes; what libraries reserve when they are loaded and use later
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Use:
    """Memory above the interpreter's in bytes, computing time in seconds, threads; together.

    `ready`: whether one of the processes computes or would if the machine let it.
    """

    memory: int
    seconds: float
    threads: int
    ready: bool = False

    def above(self, memory_mb: float, cpu_seconds: float, processes: float) -> str:
        """The limit that is exceeded: `memory`, `cpu`, `processes` or nothing."""
        if self.memory > memory_mb * 2**20 + _SLACK:
            return "memory"
        if self.seconds > cpu_seconds:
            return "cpu"
        return "processes" if self.threads > processes else ""


def bare(pid: int) -> int:
    """Bytes of the process `pid` that are its own; 0 where there is no /proc to ask.

    >>> bare(0)
    0
    """
    try:
        return _memory(Path(f"/proc/{pid}"))[0]
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError, PermissionError):
        return 0


def look(
    pid: int, inherited: int = 0, spent: dict[tuple[int, int], float] | None = None
) -> Use | None:
    """What the process `pid` and its descendants use; `None` where there is no /proc to ask.

    Of each `inherited` bytes of its own are not counted: what the interpreter is made of, which
    the kernel calls each process's own, whether it has been copied for it or not. Memory that
    several of them share counts once for each that has touched it. `spent` keeps the seconds of
    each process, by id and start, from look to look: those of one whose end nobody waited for are
    gone with it.

    >>> look(0) is None
    True
    """
    memory, seconds, threads, found, ready = 0, 0.0, 0, 0, False
    spent = {} if spent is None else spent
    waiting = [pid]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}")
        try:
            words = (folder / "stat").read_text("latin-1").rpartition(")")[2].split()
            tasks = os.listdir(folder / "task")  # noqa: PTH208 - names, not paths
            own, shared = _memory(folder)
            # A first thread that has ended while others go on has no memory any more: they have.
            for task in () if own or shared else tasks:
                if any(there := _memory(folder / "task" / task)):
                    own, shared = there
                    break
            for task in tasks:
                waiting += map(int, (folder / "task" / task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError, NotADirectoryError, PermissionError):
            continue
        found += 1
        memory += max(0, own - inherited) + shared
        seconds += sum(map(int, words[11:15])) / _TICKS
        spent[int(folder.name), int(words[19])] = sum(map(int, words[11:13])) / _TICKS
        threads += int(words[17])
        ready |= words[0] in "RD" or any(_ready(folder / "task" / task) for task in tasks[1:])
    return Use(memory, max(seconds, sum(spent.values())), threads, ready) if found else None


def _ready(task: Path) -> bool:
    """Whether a thread computes or would if the machine let it, by its folder in /proc."""
    try:
        return (task / "stat").read_text("latin-1").rpartition(")")[2].split()[0] in "RD"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _memory(folder: Path) -> tuple[int, int]:
    """Bytes of its own, and of maps to share, of a process or thread by its folder in /proc."""
    pages = (folder / "statm").read_text("ascii").split()
    shared = _shared((folder / "status").read_text("latin-1"))
    return (int(pages[1]) - int(pages[2])) * _PAGE, shared


def _shared(status: str) -> int:
    r"""Bytes of maps that a process made to share with its children, which no file stands behind.

    >>> _shared("Name:\tx\nRssShmem:\t    2048 kB\nThreads:\t1\n")
    2097152
    """
    _, _, rest = status.partition("\nRssShmem:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if rest else 0
