"""Jobs to a few warm workers, each with a wall-clock limit; see the package for what is promised.

    pool = Pool("my_package.my_module:prepare", workers=2, memory_mb=512)
    outcomes = pool.map(["first job", "second job"], seconds=2.0)

`prepare()` runs once, in the zygote: there it imports and warms up what it needs, and returns the
function from a job's text to its answer's text. What that function raises is an outcome "error".
"""

import os
import threading
import weakref
from collections.abc import Sequence

from reasoning_lab.pool.batch import Batch, Outcome, Slot
from reasoning_lab.pool.launch import LostError, Zygote

__all__ = ["Outcome", "Pool"]


class Pool:
    """A warm, killable process pool for one kind of work; starts with its first job.

    `handler`: `module:function`, importable here; `workers`: jobs at once, at least 1;
    `memory_mb`: address space a worker, its interpreter and imports included.

    Calls from several threads take turns. A forked child of this process may use the pool: it
    gets processes of its own.
    """

    def __init__(self, handler: str, *, workers: int, memory_mb: int) -> None:
        if workers < 1 or memory_mb < 1:
            raise ValueError(f"workers={workers}, memory_mb={memory_mb}: at least 1 of each")
        self.handler = handler
        self.workers = workers
        self.memory_mb = memory_mb
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._slots: list[Slot] = []
        self._ending: weakref.finalize[[Zygote, list[Slot], int], Pool] | None = None
        _POOLS.add(self)

    def map(self, jobs: Sequence[str], *, seconds: float) -> list[Outcome]:
        """Each job's outcome, in the order of the jobs; `seconds` is the limit of one job.

        Raises `SandboxError` where the pool cannot be started, or loses its zygote twice.
        """
        if not seconds > 0:
            raise ValueError(f"seconds={seconds}: a limit is above 0")
        if not jobs:
            return []
        with self._lock:
            batch = Batch(jobs, seconds)
            try:
                self._run(batch)
            except LostError:
                # Killed from outside, most likely for memory; what was under way runs again.
                batch.again()
                self._run(batch)
            return batch.outcomes()

    def _run(self, batch: Batch) -> None:
        """Run what the batch still waits for; whatever goes wrong, no process is left half-read."""
        try:
            if self._zygote is None:
                self._zygote = Zygote(self.handler, self.memory_mb)
                self._ending = weakref.finalize(self, _end, self._zygote, self._slots, os.getpid())
            for _ in range(min(self.workers, batch.waiting) - len(self._slots)):
                self._slots.append(Slot(self._zygote))
            batch.run(self._slots)
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        if self._ending is not None:
            self._ending()
        self._zygote, self._ending = None, None

    def close(self) -> None:
        """End every process. The next `map` starts them again."""
        with self._lock:
            self._stop()

    def _forked(self) -> None:
        """In a forked child: the sockets and the lock belong to the parent."""
        self._lock = threading.Lock()
        if self._ending is not None:
            self._ending.detach()
        if self._zygote is not None:
            self._zygote.disown()
        for slot in self._slots:
            slot.channel.close()
        self._zygote, self._ending, self._slots = None, None, []


def _end(zygote: Zygote, slots: list[Slot], owner: int) -> None:
    if os.getpid() != owner:
        return
    for slot in slots:
        slot.channel.close()
    slots.clear()
    zygote.end()


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in list(_POOLS):
        pool._forked()


os.register_at_fork(after_in_child=_after_fork)
