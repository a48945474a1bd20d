"""The sandboxes of a run: started once, used by every batch, counted, and closed at the end."""

import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from reasoning_lab.judges.code.missing import Missing
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.judges.code.room import Case, JudgedBatch, Room, judge_batch
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.statistics.sandbox_use import SandboxUse

KEPT = 8192  # results
ALARM = 0.01  # share of programs on which the sandbox failed
_LEAST_FOR_ALARM = 100  # programs
_WINDOW = 1000  # the latest programs, over which that share is taken

_log = logging.getLogger(__name__)


class Sandboxes:
    """What judges the programs of a run: one sandbox for each isolation level and set of modules,
    started with its first program, and the counts of what became of them.

    `workers` of each as in `Sandbox`. The latest results are kept: a program that was judged is not
    run again in the same run. One on which the sandbox failed is.
    """

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers
        self._open: dict[tuple[str, tuple[str, ...]], tuple[Sandbox, Counts]] = {}
        self._results: OrderedDict[str, CodeResult] = OrderedDict()

    def __enter__(self) -> "Sandboxes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ready(self, room: Room) -> Sandbox:
        """The sandbox of a room. Raises SandboxError where its level cannot be had here."""
        key = (room.isolation, room.modules)
        if key not in self._open:
            sandbox = Sandbox(room.isolation, self._workers, room.modules)
            _log.info("programs run in the sandbox at level %s", sandbox.level.name)
            self._open[key] = sandbox, Counts()
        return self._open[key][0]

    def judge(self, cases: Sequence[Case], room: Room) -> list[CodeResult]:
        """The result of every case, in order; see `room.judge_batch`.

        Raises DataError for tests that are none, SandboxError where the level cannot be had.
        """
        sandbox = self.ready(room)
        keys = [room.key(case) for case in cases]
        known = {
            key: one for key in keys if (one := self._results.get(key)) is not None and one.judged
        }
        fresh = {key: case for key, case in zip(keys, cases, strict=True) if key not in known}
        if fresh:
            batch = judge_batch(sandbox, fresh, room)
            _, counts = self._open[room.isolation, room.modules]
            counts.add_batch(batch, self._results)
            known |= batch.results
            self._results.update(batch.results)
            while len(self._results) > KEPT:
                self._results.popitem(last=False)
        return [known[key] for key in keys]

    def used(self) -> list[SandboxUse]:
        """What every sandbox guarantees, and what became of the programs judged in it."""
        return [counts.use(sandbox) for sandbox, counts in self._open.values()]

    def close(self) -> None:
        """End every process; a sandbox that is asked again starts anew."""
        for sandbox, _ in self._open.values():
            sandbox.close()


@dataclass
class Counts:
    """What became of the programs of one sandbox."""

    judged: int = 0
    failed: int = 0
    again: int = 0
    in_time: int = 0
    missing: Missing = field(default_factory=Missing)
    _told: bool = False
    _recent: deque[bool] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def add_batch(self, batch: JudgedBatch, before: OrderedDict[str, CodeResult]) -> None:
        """Count a batch; `before` has earlier results by key."""
        for key, result in batch.results.items():
            self.add(result, before.get(key))
        if batch.again:
            in_time = sum(one.judged and not one.late for one in batch.again.values())
            self.again += len(batch.again)
            self.in_time += in_time
            what = "%d programs that the wall clock stopped were judged again alone, %d in time"
            _log.info(what, len(batch.again), in_time)

    def add(self, result: CodeResult, before: CodeResult | None = None) -> None:
        """Count a program once, by its last result; `before`: what it had so far."""
        self.judged += before is None
        if before is None:
            self.missing.add(result)
        self.failed += (not result.judged) - (before is not None and not before.judged)
        self._recent.append(not result.judged)
        failed, count = sum(self._recent), len(self._recent)
        above = failed > ALARM * max(count, _LEAST_FOR_ALARM)
        if above and not self._told:
            what = "the sandbox failed on %d of the last %d programs: their samples are not scored"
            _log.error(what, failed, count)
        self._told = above  # told again when it comes back

    def use(self, sandbox: Sandbox) -> SandboxUse:
        """All of it beside the level."""
        level = sandbox.level
        # A server has modules of its own.
        missing, absent = ({}, {}) if level.address else self.missing.counts()
        return SandboxUse(
            level=level.name,
            kept=level.kept,
            by=level.by,
            gaps=level.gaps,
            modules=sandbox.modules,
            judged=self.judged,
            failed=self.failed,
            again=self.again,
            in_time=self.in_time,
            missing=missing,
            absent=absent,
        )
