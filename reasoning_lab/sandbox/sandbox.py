"""Model-written programs, run where they can harm nothing; see the package for what is promised.

`Sandbox().run("print(input()[::-1])", stdin="olleh").stdout` is `hello` and a line's end.
"""

from __future__ import annotations

import contextlib
import os
import queue
import resource
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import remote, runner
from reasoning_lab.sandbox.door import Door, KeeperLost
from reasoning_lab.sandbox.levels import Level, choose
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.program import Program

__all__ = ["Job", "Limits", "Outcome", "Program", "Sandbox"]
MOST_AHEAD = 64  # processes that wait for the programs of a next batch
_MB = 2**20


class Sandbox:
    """Runs programs at one isolation level, as many at once as there are workers.

    `isolation`: `auto` (the strongest that works here; never less than `namespaces`),
    `namespaces`, `process` (weaker; has to be asked for) or `remote`; `workers`: 0 for one a
    usable core; `modules`: installed modules that programs may import besides the standard
    library, loaded beforehand (`("numpy",)`); `ahead`: processes forked ahead a worker.

    Nothing is started before the first program. Threads may share one. A forked child of this
    process may use it too: it gets processes of its own. Raises `SandboxError`, from the first
    use on, where the level cannot be had: no program ever runs at a lower one.
    """

    def __init__(
        self,
        isolation: str = "auto",
        workers: int = 0,
        modules: Sequence[str] = (),
        ahead: int = 3,
    ) -> None:
        self.isolation = isolation
        self.workers = workers or _cores()
        self.modules = tuple(modules)
        self.ahead = ahead
        self._forget()
        _SANDBOXES.add(self)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._level: Level | None = None
        self._doors: set[Door] = set()
        self._free: dict[str, queue.LifoQueue[Door | None]] = {}

    @property
    def level(self) -> Level:
        """The isolation level in force, with its guarantees."""
        with self._lock:
            if self._level is None:
                self._level = choose(self.isolation, self.modules)
            return self._level

    def __enter__(self) -> Sandbox:
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
        """Run a program from its first line to its end."""
        return self._run(Job(code, stdin, files or {}, limits or Limits()), True, self.ahead)

    def run_all(self, jobs: Sequence[Job]) -> list[Outcome]:
        """The outcome of every job, in their order; they run at once, identical ones once."""
        distinct = list({_key(job): job for job in jobs}.items())
        if not distinct:
            return []
        waiting = iter(reversed(range(len(distinct))))  # how many are left when one has begun

        def one(each: tuple[object, Job]) -> Outcome:
            return self._run(each[1], wait=False, ahead=min(self.ahead, next(waiting)))

        with ThreadPoolExecutor(min(self.workers, len(distinct))) as threads:
            known = dict(zip((key for key, _ in distinct), threads.map(one, distinct), strict=True))
        self._settle(jobs[-1].limits.files_mb * _MB)
        return [known[_key(job)] for job in jobs]

    def open(self, code: str, limits: Limits | None = None) -> Program:
        """Execute a program's lines and keep it, to call its functions.

        Waits for a free worker, and holds it until the program is closed.
        """
        if self.level.address:
            return remote.RemoteProgram(self.level.address, code, limits or Limits())
        return self._open("programs", code, limits or Limits())

    def open_judge(self, code: str = "", limits: Limits | None = None) -> Program:
        """The same, for test code: such processes have workers of their own.

        So a thread that holds a program never waits for another such thread.
        """
        if self.level.address:
            raise remote.no_judge()
        return self._open("judges", code, limits or Limits())

    def _open(self, group: str, code: str, limits: Limits) -> Program:
        job = Job(code, limits=limits)
        door = self._borrow(group)
        try:
            program = Program(
                door, job, lambda ok: self._give_back(group, door if ok else None, door)
            )
            door.prepare(limits.files_mb * _MB, self.ahead)
            return program
        except BaseException:
            self._give_back(group, None, door)
            raise

    def _run(self, job: Job, wait: bool, ahead: int) -> Outcome:
        if why := refused(job):
            return Outcome("refused", reason=why)
        if self.level.address:
            return remote.run(self.level.address, job)
        try:
            return self._once(job, wait, ahead)
        except KeeperLost:
            return self._once(job, wait, ahead)

    def _once(self, job: Job, wait: bool, ahead: int) -> Outcome:
        with self._door("programs") as door:
            size = job.limits.files_mb * _MB
            outcome = runner.run(door, door.take(size), job, wait)
            door.prepare(size, ahead)
            return outcome

    def _settle(self, files_bytes: int) -> None:
        """Wait until the programs of workers that nobody uses are cleared away.

        Then the workers get ready for programs whose folder has `files_bytes`.
        """
        with self._lock:
            free = self._free.get("programs")
        doors: list[Door | None] = []
        with contextlib.suppress(queue.Empty):
            while free is not None:
                doors.append(free.get_nowait())
        for door in reversed(doors):
            assert free is not None
            if door is None:
                free.put(door)
                continue
            try:
                door.settle(runner.END_LIMIT)
                door.prepare(files_bytes, self.ahead)
            except KeeperLost:
                self._give_back("programs", None, door)
            else:
                free.put(door)

    def prepare(self, programs: int, files_mb: int = Limits().files_mb) -> None:
        """Fork processes ahead for so many programs, while there is nothing else to do.

        They are spread over the workers that nobody uses. A waiting process holds two megabytes
        and four descriptors of this process, of which a quarter at most is spent so.
        """
        if self.level.address:
            return
        programs = min(programs, MOST_AHEAD)
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors != resource.RLIM_INFINITY:
            programs = min(programs, descriptors // 16)
        doors: list[Door] = []
        # Who cannot start now is asked again, and says why, when there is a program to run.
        with contextlib.suppress(queue.Empty, SandboxError):
            while len(doors) < min(self.workers, programs):
                doors.append(self._borrow("programs", wait=False))
        for door in doors:
            try:
                door.prepare(files_mb * _MB, -(-programs // len(doors)), warm=True)
            except KeeperLost:
                self._give_back("programs", None, door)
            else:
                self._give_back("programs", door, door)

    @contextlib.contextmanager
    def _door(self, group: str) -> Iterator[Door]:
        door = self._borrow(group)
        try:
            yield door
        except BaseException:
            self._give_back(group, None, door)
            raise
        self._give_back(group, door, door)

    def _borrow(self, group: str, wait: bool = True) -> Door:
        level = self.level
        with self._lock:
            if group not in self._free:
                self._free[group] = queue.LifoQueue()
                for _ in range(self.workers):
                    self._free[group].put(None)
            free = self._free[group]
        door = free.get(wait)
        try:
            if door is None:
                door = Door(level.walls, self.modules)
                with self._lock:
                    self._doors.add(door)
                weakref.finalize(self, _end, door, os.getpid())
        except BaseException:
            free.put(None)
            raise
        return door

    def _give_back(self, group: str, door: Door | None, was: Door) -> None:
        """Return a worker; `None` for one that is not to be used again."""
        if door is None:
            with self._lock:
                self._doors.discard(was)
            was.end()
        with self._lock:
            free = self._free.get(group)
        if free is not None:
            free.put(door)

    def close(self) -> None:
        """End every process. The next program starts them again."""
        with self._lock:
            doors, self._doors, self._free = self._doors, set(), {}
        for door in doors:
            door.end()

    def _forked(self) -> None:
        for door in self._doors:
            door.disown()
        self._forget()


def refused(job: Job) -> str:
    """Why a job cannot be run at all; "" for one that can."""
    for name in job.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or not path.name:
            return f"{name!r} is no path within the program's folder"
    return ""


def _key(job: Job) -> tuple[object, ...]:
    return (job.code, job.stdin, tuple(sorted(job.files.items())), job.limits)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _end(door: Door, owner: int) -> None:
    if os.getpid() == owner:
        door.end()


_SANDBOXES: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _after_fork() -> None:
    for sandbox in list(_SANDBOXES):
        sandbox._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
