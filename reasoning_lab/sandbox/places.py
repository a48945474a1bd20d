"""Who may compute: a place a core, left by those whose program sleeps, so that others can begin.

A thread that runs programs holds a place. While its program sleeps it leaves the place, and takes
it back at once when the program goes on; so more may compute than there are places, for a while,
and nobody begins until there are fewer again. How many may sleep is bounded, and so is what they
might use when they wake: together half of the memory that is free.
"""

from __future__ import annotations

import contextlib
import os
import resource
import threading
from collections.abc import Callable, Iterator, Sequence, Sized
from concurrent.futures import Future, ThreadPoolExecutor

from reasoning_lab.sandbox import memory
from reasoning_lab.sandbox.contact import Cell
from reasoning_lab.sandbox.limits import Limits

MOST = 64  # programs that wait
_DESCRIPTORS = 8  # of this process, that a program and its judge take


class Places:
    """`count` places to compute. Threads share them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._changed = threading.Condition(threading.Lock())
        self._computing = 0
        self._waiting = 0
        self._asleep: list[int] = []  # megabytes that each may use
        self._crews: list[Crew] = []
        self._mine = threading.local()

    @contextlib.contextmanager
    def held(self) -> Iterator[Place]:
        """A place for this thread, waited for unless it holds one already."""
        if self.mine is not None:
            yield self.mine
            return
        mine = self._mine.place = self.take()
        try:
            yield mine
        finally:
            self._mine.place = None
            mine.end()

    @property
    def mine(self) -> Place | None:
        """The place that this thread holds."""
        place: Place | None = getattr(self._mine, "place", None)
        return place

    def take(self) -> Place:
        """A place that no thread holds, waited for."""
        with self._changed:
            self._waiting += 1
            try:
                while self._computing >= self.count:
                    self._changed.wait()
            except BaseException:
                self._changed.notify()  # what woke this thread may have been meant for it
                raise
            finally:
                self._waiting -= 1
            self._computing += 1
        return Place(self)

    def leave(self, megabytes: int) -> bool:
        """Let others begin, unless too many sleep already; then False."""
        room, most = memory.available_mb() / 2, affordable()
        with self._changed:
            if len(self._asleep) >= most or sum(self._asleep) + megabytes > room:
                return False
            self._asleep.append(megabytes)
            self._computing -= 1
            if self._computing < self.count:
                if self._waiting:
                    self._changed.notify()
                else:
                    any(crew.grow() for crew in self._crews)
        return True

    def come_back(self, megabytes: int) -> None:
        """Count as computing again, without waiting."""
        with self._changed:
            self._asleep.remove(megabytes)
            self._computing += 1

    def end(self) -> None:
        """Give a place back."""
        with self._changed:
            self._computing -= 1
            if self._computing < self.count:
                self._changed.notify()

    @contextlib.contextmanager
    def worked_by(self, crew: Crew) -> Iterator[None]:
        """While this lasts, `crew` grows when a place is left and nobody waits for one."""
        with self._changed:
            self._crews.append(crew)
        try:
            yield
        finally:
            with self._changed:
                self._crews.remove(crew)


class Place:
    """The right of one thread's programs to compute."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.left = False  # while others may compute in its stead
        self._megabytes = 0  # that its programs may use then

    def follow(self, cells: Sequence[Cell], limits: Limits) -> None:
        """Let others begin while all `cells`, of which each may use so much, are asleep.

        Not where their limits of processes, which are counted together, cannot be raised then.
        """
        if not all(cell.asleep and cell.door.walls.outside for cell in cells):
            self.wake()
        elif not self.left:
            self._megabytes = limits.memory_mb * len(cells)
            self.left = self._places.leave(self._megabytes)

    def wake(self) -> None:
        """Go on, whoever else computes."""
        if self.left:
            self.left = False
            self._places.come_back(self._megabytes)

    def end(self) -> None:
        """Give it back, once."""
        self.wake()
        self._places.end()


class Crew:
    """Threads that share the work in `left`, each by calling `work` until nothing is left.

    As many as there are places to begin with, and one more when a program sleeps.
    """

    def __init__(self, places: Places, work: Callable[[], None], left: Sized) -> None:
        self._places = places
        self._work = work
        self._left = left
        self._threads = ThreadPoolExecutor(places.count + MOST)
        self._under_way: list[Future[None]] = []

    def run(self, stop: Callable[[], None]) -> None:
        """Until all is done. Where a thread raises, `stop` is called and that raised, once the
        others have ended.
        """
        with self._threads, self._places.worked_by(self):
            try:
                for _ in range(min(self._places.count, len(self._left))):
                    self.grow()
                while self._under_way:
                    self._under_way.pop().result()
            finally:
                stop()

    def grow(self) -> bool:
        """One thread more, if there is work for it."""
        if not self._left:
            return False
        self._under_way.append(self._threads.submit(self._work))
        return True


def affordable() -> int:
    """How many programs may wait, asleep or for work, by the files that this process may open."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MOST
    return min(MOST, descriptors // (2 * _DESCRIPTORS))


def cores() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
