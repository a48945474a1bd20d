"""Model-written programs, run where they can harm nothing; see the package for what is promised.

    from reasoning_lab.sandbox import Sandbox

`Sandbox().run("print(input()[::-1])", stdin="olleh").stdout` is `hello` and a line's end.
"""

from __future__ import annotations

import contextlib
import os
import resource
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from reasoning_lab.sandbox import remote, runner
from reasoning_lab.sandbox.door import Door, KeeperLost
from reasoning_lab.sandbox.levels import Level, choose
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.program import Program
from reasoning_lab.sandbox.stream import Share, Stream
from reasoning_lab.sandbox.workers import Workers

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
        if workers < 0 or ahead < 0 or isinstance(modules, str):
            raise ValueError(f"{workers=}, {ahead=}: at least 0; {modules=}: a sequence of names")
        self.isolation = isolation
        self.workers = workers or _cores()
        self.modules = tuple(modules)
        self.ahead = ahead
        self._closings = 0
        self._forget()
        _SANDBOXES.add(self)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._level: Level | None = None
        self._programs = Workers(self.workers, self.modules)
        self._judges = Workers(self.workers, self.modules)
        weakref.finalize(self, _end, (self._programs, self._judges), os.getpid())

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
        """Run a program from its first line to its end.

        Raises `TypeError` for what is no text or no `Limits`.
        """
        job = Job(code, stdin, {} if files is None else files, _or_usual(limits))
        return self._run(job)

    def run_all(self, jobs: Sequence[Job]) -> list[Outcome]:
        """The outcome of every job, in their order; they run at once, identical ones once."""
        distinct = {_key(job): job for job in jobs}
        if not distinct:
            return []
        level, each = self.level, list(distinct.values())
        workers = min(self.workers, len(each))
        with ThreadPoolExecutor(workers) as threads:
            if level.address:
                found = list(threads.map(self._run, each))
            else:
                share = Share(each, [_refused(level, job) for job in each])
                try:
                    list(threads.map(lambda _: self._work(share), range(workers)))
                finally:
                    share.left.clear()  # where one of them failed the others begin nothing new
                found = share.outcomes()
        if not level.address:
            self._settle(jobs[-1].limits.files_mb * _MB)
        known = dict(zip(distinct, found, strict=True))
        return [known[_key(job)] for job in jobs]

    def _work(self, share: Share) -> None:
        """One worker's part of a batch. What was under way in a keeper that is lost runs alone."""
        closings = self._closings
        while share.left:
            stream = Stream(share, self.ahead)
            try:
                with self._programs.lent(self._programs.borrow(self.level.walls)) as door:
                    stream.go(door)
            except KeeperLost:
                if closings != self._closings:
                    raise
                for place in stream.taken:
                    share.found[place] = self._run(share.jobs[place])

    def open(self, code: str, limits: Limits | None = None) -> Program:
        """Execute a program's lines and keep it, to call its functions.

        Waits for a free worker, and holds it until the program is closed.
        """
        job = Job(code, limits=_or_usual(limits))
        if self.level.address:
            return remote.RemoteProgram(self.level.address, code, job.limits)
        return self._open(self._programs, job)

    def open_judge(self, code: str = "", limits: Limits | None = None) -> Program:
        """The same, for test code: such processes have workers of their own.

        So a thread that holds a program never waits for another such thread.
        """
        job = Job(code, limits=_or_usual(limits))
        if self.level.address:
            raise remote.no_judge()
        return self._open(self._judges, job)

    def _open(self, workers: Workers, job: Job) -> Program:
        door = workers.borrow(self.level.walls)
        try:
            program = Program(door, job, lambda usable: workers.give_back(door, usable))
        except BaseException:
            workers.give_back(door, usable=False)
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
        with self._programs.lent(self._programs.borrow(self.level.walls)) as door:
            size = job.limits.files_mb * _MB
            outcome = runner.run(door, door.take(size), job)
            door.prepare(size, self.ahead)
            return outcome

    def _settle(self, files_bytes: int) -> None:
        """Wait until the programs of workers that nobody uses are cleared away.

        Then the workers get ready for programs whose folder has `files_bytes`.
        """
        doors = self._programs.idle()
        self._each(doors, lambda door: _settled(door, files_bytes, self.ahead))

    def prepare(self, programs: int, files_mb: int = Limits().files_mb) -> None:
        """Fork processes ahead for so many programs, while there is nothing else to do.

        They are spread over the workers that nobody uses. A waiting process holds two megabytes
        and four descriptors of this process, of which a quarter at most is spent so.
        """
        level = self.level
        if level.address:
            return
        programs = min(programs, MOST_AHEAD)
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors != resource.RLIM_INFINITY:
            programs = min(programs, descriptors // 16)
        doors = self._programs.spare(level.walls, min(self.workers, programs))
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
                self._programs.give_back(door, usable=door in fine)

    def close(self) -> None:
        """End every process. The next program starts them again.

        A program that another thread runs meanwhile raises `KeeperLost` there.
        """
        self._closings += 1
        self._programs.close()
        self._judges.close()

    def _forked(self) -> None:
        self._programs.disown()
        self._judges.disown()
        self._forget()


def _settled(door: Door, files_bytes: int, ahead: int) -> None:
    door.settle(runner.END_LIMIT)
    door.prepare(files_bytes, ahead)


def _refused(level: Level, job: Job) -> Outcome | None:
    why = refused(job, folder=bool(level.walls.namespaces or level.address))
    return Outcome("refused", reason=why) if why else None


def refused(job: Job, folder: bool = True) -> str:
    """Why a job cannot be run at all; "" for one that can. `folder`: its level gives it one."""
    if job.files and not folder:
        return "there is no folder for its files at this level"
    names = set(map(PurePosixPath, job.files))
    for name in job.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or not path.name:
            return f"{name!r} is no path within the program's folder"
        if not names.isdisjoint(path.parents):
            return f"{name!r} lies within a file"
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in job.files.values())
    if size > job.limits.files_mb * _MB:
        return f"its files have {size} bytes, more than {job.limits.files_mb} MB"
    return ""


def _or_usual(limits: Limits | None) -> Limits:
    return Limits() if limits is None else limits


def _key(job: Job) -> tuple[object, ...]:
    return (job.code, job.stdin, tuple(sorted(job.files.items())), job.limits)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _end(groups: Sequence[Workers], owner: int) -> None:
    if os.getpid() == owner:
        for workers in groups:
            workers.close()


_SANDBOXES: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _after_fork() -> None:
    for sandbox in list(_SANDBOXES):
        sandbox._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
