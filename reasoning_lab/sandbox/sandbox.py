"""Model-written programs, run where they can harm nothing; see the package for what is promised.

    from reasoning_lab.sandbox import Sandbox

`Sandbox().run("print(input()[::-1])", stdin="olleh").stdout` is `hello` and a line's end.
"""

import contextlib
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import places, remote, runner
from reasoning_lab.sandbox.door import Door, KeeperLost
from reasoning_lab.sandbox.levels import Level, choose
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.places import Crew, Place, Places
from reasoning_lab.sandbox.program import Program
from reasoning_lab.sandbox.stream import Share, Stream
from reasoning_lab.sandbox.workers import Workers

__all__ = ["Job", "Limits", "Outcome", "Program", "Sandbox"]
_MB = 2**20
_T = TypeVar("_T")
_R = TypeVar("_R")


class Sandbox:
    """Runs programs at one isolation level; as many compute at once as there are workers, and
    those that sleep let others begin (see `places`).

    `isolation`: `auto` (the strongest that works here; never less than `namespaces`),
    `namespaces`, `process` (weaker; has to be asked for) or `remote`; `workers`: 0 for one a
    usable core; `modules`: installed modules that programs may import besides the standard
    library, loaded beforehand (`("numpy",)`); `ahead`: processes forked ahead a worker.

    Nothing is started before the first program. Threads may share one. A forked child of this
    process may use it too: it gets processes of its own. Raises `SandboxError`, from the first
    use on, where the level cannot be had: no program ever runs at a lower one. Raises
    `ValueError` for numbers below 0, and for `modules` that are one text.
    """

    def __init__(
        self,
        isolation: str = "auto",
        workers: int = 0,
        modules: Sequence[str] = (),
        ahead: int = 3,
    ) -> None:
        for name, number in (("workers", workers), ("ahead", ahead)):
            if not isinstance(number, int) or number < 0:
                raise ValueError(f"{name}={number!r}: a whole number, at least 0")
        if isinstance(modules, str):
            raise ValueError(f"{modules=}: a sequence of names, such as ({modules!r},)")
        self.isolation = isolation
        self.workers = workers or places.cores()
        self.modules = tuple(modules)
        self.ahead = ahead
        self._closings = 0
        self._forget()
        _SANDBOXES.add(self)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._level: Level | None = None
        self._keepers = Workers(self.workers, self.modules)
        self._places = Places(self.workers)
        weakref.finalize(self, _end, self._keepers, os.getpid())

    @property
    def level(self) -> Level:
        """The isolation level in force, with its guarantees."""
        with self._lock:
            if self._level is None:
                self._level = choose(self.isolation, self.modules)
            return self._level

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        code: str,
        stdin: str = "",
        files: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Outcome:
        """Run a program to its end. Raises `TypeError` for what is no text or no `Limits`."""
        job = Job(code, stdin, {} if files is None else files, _or_usual(limits))
        return self._run(job)

    def run_all(self, jobs: Sequence[Job]) -> list[Outcome]:
        """The outcome of every job, in their order; they run at once, identical ones once."""
        distinct = {job.key: job for job in jobs}
        if not distinct:
            return []
        level, each = self.level, list(distinct.values())
        if level.address:
            found = self.map(self._run, each)
        else:
            share = Share(each, [_refused(level, job) for job in each])
            Crew(self._places, lambda: self._work(share), share.left).run()
            found = share.outcomes()
            self._settle(jobs[-1].limits.files_mb * _MB)
        known = dict(zip(distinct, found, strict=True))
        return [known[job.key] for job in jobs]

    def _work(self, share: Share) -> None:
        """One thread's part of a batch. What was under way in a keeper that is lost runs alone."""
        closings = self._closings
        while share.left:
            with self._places.held() as place:
                stream = Stream(share, self.ahead, place)
                try:
                    with self._keepers.lent(self.level.walls) as door:
                        stream.go(door)
                except KeeperLost:
                    if closings != self._closings:
                        raise
                    for index in stream.taken:
                        share.found[index] = self._run(share.jobs[index])

    def map(self, do: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
        """What `do` gives for each item, which it runs programs for; in their order.

        As many at once as there are workers, and more while programs sleep. Raises what one of
        them raises, once those under way have ended.
        """
        found: dict[int, _R] = {}
        left = deque(enumerate(items))

        def work() -> None:
            while left:
                with self._places.held():
                    try:
                        index, item = left.popleft()
                    except IndexError:  # another thread took it
                        return
                    found[index] = do(item)

        Crew(self._places, work, left).run()
        return [found[index] for index in range(len(items))]

    def now(self) -> float:
        """Seconds on the clock that the limits of this thread's programs go by; see `Place.now`."""
        place = self._places.mine
        return time.monotonic() if place is None else place.now()

    def open(self, code: str, limits: Limits | None = None) -> Program:
        """Execute a program's lines and keep it, to call its functions.

        Waits while as many compute as there are workers, and counts as one of them until it is
        closed, but for the time that it sleeps.
        """
        job = Job(code, limits=_or_usual(limits))
        if self.level.address:
            return remote.RemoteProgram(self.level.address, code, job.limits)
        mine = self._places.mine
        place = mine or self._places.take()
        try:
            return self._open(job, place, done=None if mine else place.end)
        except BaseException:
            if not mine:
                place.end()
            raise

    def open_judge(self, code: str = "", limits: Limits | None = None) -> Program:
        """The same, for test code: it waits for nothing, and counts with the program it tests."""
        job = Job(code, limits=_or_usual(limits))
        if self.level.address:
            raise remote.no_judge()
        return self._open(job, None, None)

    def _open(self, job: Job, place: Place | None, done: Callable[[], None] | None) -> Program:
        door = self._keepers.borrow(self.level.walls)

        def closed(usable: bool) -> None:
            with contextlib.ExitStack() as after:
                after.callback(done or (lambda: None))
                self._keepers.give_back(door, usable)

        try:
            program = Program(door, job, closed, place)
        except BaseException as error:
            self._keepers.give_back(door, usable=not isinstance(error, SandboxError))
            raise
        try:
            door.prepare(job.limits.files_mb * _MB, self.ahead)
        except BaseException:
            program.close()
            raise
        return program

    def _run(self, job: Job) -> Outcome:
        level = self.level
        if (refusal := _refused(level, job)) is not None:
            return refusal
        if level.address:
            return remote.run(level.address, job)
        closings = self._closings
        try:
            return self._once(job)
        except KeeperLost:
            if closings != self._closings:  # by this process itself
                raise
            return self._once(job)

    def _once(self, job: Job) -> Outcome:
        with self._places.held() as place, self._keepers.lent(self.level.walls) as door:
            size = job.limits.files_mb * _MB
            outcome = runner.run(door, door.take(size), job, place)
            door.prepare(size, self.ahead)
            return outcome

    def _settle(self, files_bytes: int) -> None:
        """Wait until the programs of workers that nobody uses are cleared away.

        Then the workers get ready for programs whose folder has `files_bytes`.
        """
        doors = self._keepers.idle()
        self._each(doors, lambda door: _settled(door, files_bytes, self.ahead))

    def prepare(self, programs: int, files_mb: int = Limits().files_mb) -> None:
        """Fork processes ahead for so many programs, while there is nothing else to do.

        They are spread over the workers that nobody uses. A waiting process holds two megabytes
        and four descriptors of this process, of which a quarter at most is spent so.
        """
        level = self.level
        if level.address:
            return
        programs = min(programs, places.affordable())
        doors = self._keepers.spare(level.walls, min(self.workers, programs))
        each = -(-programs // max(1, len(doors)))
        self._each(doors, lambda door: door.prepare(files_mb * _MB, each, warm=True))

    def _each(self, doors: Sequence[Door], do: Callable[[Door], None]) -> None:
        """Do something with workers that were borrowed, and give them back: all, come what may."""
        fine: set[Door] = set()
        try:
            for door in doors:
                with contextlib.suppress(KeeperLost):
                    do(door)
                    fine.add(door)
        finally:
            for door in doors:
                self._keepers.give_back(door, usable=door in fine)

    def close(self) -> None:
        """End every process; the next program starts them again. A program that another thread
        runs meanwhile raises `KeeperLost` there."""
        self._closings += 1
        self._keepers.close()

    def _forked(self) -> None:
        self._keepers.disown()
        self._forget()


def _settled(door: Door, files_bytes: int, ahead: int) -> None:
    door.settle(runner.END_LIMIT)
    door.prepare(files_bytes, ahead)


def _refused(level: Level, job: Job) -> Outcome | None:
    why = job.refused(folder=bool(level.walls.namespaces or level.address))
    return Outcome("refused", reason=why) if why else None


def _or_usual(limits: Limits | None) -> Limits:
    return Limits() if limits is None else limits


def _end(keepers: Workers, owner: int) -> None:
    if os.getpid() == owner:
        keepers.close()


_SANDBOXES: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _after_fork() -> None:
    for sandbox in list(_SANDBOXES):
        sandbox._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
