"""Who may compute: a place a core, left by those whose program sleeps, so that others can begin.

A thread that runs programs holds a place. While its program sleeps it leaves the place, and takes
it back at once when the program goes on; so more may compute than there are places, for a while.
Then nobody begins until there are fewer again, and the programs' limits of time go by a slower
clock (`Place.now`). How many may sleep is bounded, and so is what they might use when they wake:
together half of the memory that is free.
"""

import contextlib
import os
import resource
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from reasoning_lab.sandbox import memory
from reasoning_lab.sandbox.contact import Cell
from reasoning_lab.sandbox.limits import Limits

MOST = 64  # programs that wait
_DESCRIPTORS = 8  # of this process, that a program and its judge take
_LEAST_FILES = 16 * _DESCRIPTORS  # to be left, for those that begin, and for whatever else


class Places:
    """`count` places to compute. Threads share them; who waits longest comes first."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.computing = 0
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._asleep: list[int] = []  # megabytes that each may use
        self._crews: list[Crew] = []
        self._mine = threading.local()

    @contextlib.contextmanager
    def held(self) -> Iterator["Place"]:
        """A place for this thread, waited for unless it holds one already."""
        if self.mine is not None:
            yield self.mine
            return
        mine = self.take()
        self._mine.place = mine
        try:
            yield mine
        finally:
            self._mine.place = None
            mine.end()

    @property
    def mine(self) -> "Place | None":
        """The place that this thread holds."""
        place: Place | None = getattr(self._mine, "place", None)
        return place

    @property
    def wanted(self) -> bool:
        """Whether there are fewer places than threads that want one."""
        return self.computing > self.count or bool(self._waiting)

    def take(self) -> "Place":
        """A place that no thread holds, waited for."""
        given = threading.Event()
        with self._lock:
            self._waiting.append(given)
            self._hand_out()
        try:
            given.wait()
        except BaseException:
            with self._lock:
                if given.is_set():
                    self.computing -= 1
                    self._hand_out()
                else:
                    self._waiting.remove(given)
            raise
        return Place(self)

    def _hand_out(self) -> None:
        while self._waiting and self.computing < self.count:
            self.computing += 1
            self._waiting.popleft().set()

    def leave(self, megabytes: int) -> bool:
        """Let others begin, unless too many sleep already; then False."""
        if len(self._asleep) >= MOST or _spare_files() < _LEAST_FILES:
            return False
        room = memory.available_mb() / 2
        with self._lock:
            if sum(self._asleep) + megabytes > room:
                return False
            self._asleep.append(megabytes)
            self.computing -= 1
            self._hand_out()
            if self.computing < self.count:
                any(crew.grow() for crew in self._crews)
        return True

    def come_back(self, megabytes: int) -> None:
        """Count as computing again, without waiting."""
        with self._lock:
            self._asleep.remove(megabytes)
            self.computing += 1

    def end(self) -> None:
        """Give a place back."""
        with self._lock:
            self.computing -= 1
            self._hand_out()

    @contextlib.contextmanager
    def worked_by(self, crew: "Crew") -> Iterator[None]:
        """While this lasts, `crew` grows when a place is left and nobody waits for one."""
        with self._lock:
            self._crews.append(crew)
        try:
            yield
        finally:
            with self._lock:
                self._crews.remove(crew)


class Place:
    """The right of one thread's programs to compute."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.left = False  # while others may compute in its stead
        self._megabytes = 0  # that its programs may use then
        self._looked = time.monotonic()
        self._kept_waiting = 0.0  # seconds

    @property
    def wanted(self) -> bool:
        """Whether it is to be given back soon: others want one, or compute without one."""
        return self._places.wanted

    def now(self) -> float:
        """Seconds on a clock that goes slower while more compute than there are places.

        So no program's time runs out because others woke up; its computing time is limited anyway.
        """
        now = time.monotonic()
        computing, count = self._places.computing, self._places.count
        if computing > count and not self.left:
            self._kept_waiting += (now - self._looked) * (1 - count / computing)
        self._looked = now
        return now - self._kept_waiting

    def follow(self, cells: Sequence[Cell], limits: Limits) -> None:
        """Let others begin while all `cells`, of which each may use so much, are asleep.

        Not where namespaces count the processes of all together: they would take each other's.
        """
        if not all(cell.asleep for cell in cells):
            self.wake()
        elif not self.left and (cells[0].door.walls.apart or not cells[0].door.walls.namespaces):
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

    As many as there are places to begin with, and one more when a program sleeps. Where one raises
    nothing new is begun.
    """

    def __init__(self, places: Places, work: Callable[[], None], left: deque[Any]) -> None:
        self._places = places
        self._work = work
        self._left = left
        self._threads = ThreadPoolExecutor(places.count + MOST)
        self._under_way: list[Future[None]] = []

    def run(self) -> None:
        """Until all is done. Raises what one of them raised, once the others have ended."""
        with self._threads, self._places.worked_by(self):
            try:
                for _ in range(min(self._places.count, len(self._left))):
                    self.grow()
                while self._under_way:
                    self._under_way.pop().result()
                if self._left:  # not one thread could be started
                    self._member()
            finally:
                self._left.clear()

    def grow(self) -> bool:
        """One thread more, if there is work for it and the system has one."""
        if not self._left:
            return False
        try:
            self._under_way.append(self._threads.submit(self._member))
        except RuntimeError:
            return False
        return True

    def _member(self) -> None:
        try:
            self._work()
        except BaseException:
            self._left.clear()
            raise


def affordable() -> int:
    """How many processes may wait for programs, by the files that this process may open."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MOST
    return min(MOST, descriptors // (2 * _DESCRIPTORS))


def _spare_files() -> int:
    """How many files this process may still open; it can only be told where /proc is."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return _LEAST_FILES
    return most - len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths


def cores() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
