"""The sandboxes of this process, and batches of programs judged in them.

One sandbox for each isolation level and set of modules, started with its first program and shared
by everything here: the reward, the held-out measurement, `judge_code`. Judging a batch judges equal
programs with equal tests once; as many compute at once as there are cores, and those that sleep let
others begin. Results are kept, so that a program that was judged is not run again while it is asked
for.

A busy machine makes honest programs late. Those that the wall clock stopped while they computed,
and not the limit of computing time, are judged once more when the batch is over, one after another
with nothing beside them, those first that passed most. Three in vain end it, or fewer where fewer
were late on each core; so do eight a core in all.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reasoning_lab.errors import DataError
from reasoning_lab.judges.code.judge import crossing, judge
from reasoning_lab.judges.code.missing import Missing
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.text.code_tests import read_tests

SECONDS = 10.0
"""Of wall clock for all tests of one program together."""

KEPT = 8192  # results
ALARM = 0.01  # share of programs on which the sandbox failed
_LEAST_FOR_ALARM = 100  # programs
_WINDOW = 1000  # the latest programs, over which that share is taken
_MOST_AGAIN = 8  # late programs judged again in a batch, a core
_MOST_VAIN = 3  # of them late again

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Room:
    """How programs are run: `isolation` and `modules` as in `Sandbox`, the limits, `seconds` for
    all tests of one program, and whether all tests must pass (then the first failure ends it).
    """

    isolation: str = "auto"
    modules: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    seconds: float = SECONDS
    all_wanted: bool = False


Case = tuple[str, Sequence[Mapping[str, Any]]]
"""A program and its tests; without tests it is run from its first line to its end."""


def ready(room: Room) -> Sandbox:
    """The sandbox of a room. Raises SandboxError where its level cannot be had here."""
    key = (room.isolation, room.modules)
    with _LOCK:
        sandbox = _SANDBOXES.get(key)
        if sandbox is None:
            sandbox = _SANDBOXES[key] = Sandbox(room.isolation, modules=room.modules)
    name = sandbox.level.name
    _LATEST[:] = [room]
    if name not in _LEVELS:
        _LEVELS[name] = sandbox.level.guarantees
        _log.info("programs run in the sandbox at level %s", name)
    return sandbox


def room_of_measurement() -> Room:
    """How held-out programs are run: at the level of the reward where one was asked for (a
    machine may have no other), with the limits of the lab and not the reward's.
    """
    latest = _LATEST[0] if _LATEST else Room()
    return Room(latest.isolation, latest.modules)


def begin() -> None:
    """Forget what `notes` would tell of an earlier run in this process."""
    _LEVELS.clear()
    _COUNTS.forget()


def notes() -> list[str]:
    """What a reader of a run's results should know: the levels that programs ran at."""
    found: list[str] = []
    for name, guarantees in _LEVELS.items():
        said_too = f": {', '.join(guarantees)}" if guarantees else ""
        found.append(f"programs ran in the sandbox at level `{name}`{said_too}")
    if _COUNTS.failed:
        found.append(
            f"the sandbox failed on {_COUNTS.failed:,} of {_programs(_COUNTS.judged)}: their "
            "samples were not scored, and their problems are left out of accuracy"
        )
    if _COUNTS.again:
        were = "was" if _COUNTS.again == 1 else "were"
        found.append(
            f"{_programs(_COUNTS.again)} that the wall clock stopped {were} judged again alone: "
            f"{_COUNTS.in_time:,} of {_COUNTS.again:,} then came to the end in time"
        )
    if _LATEST and _LATEST[0].isolation != "remote":  # a server has modules of its own
        found += _COUNTS.missing.notes(_LATEST[0].modules)
    return found


def _programs(count: int) -> str:
    return f"{count:,} program{'' if count == 1 else 's'}"


def judge_all(cases: Sequence[Case], room: Room, anew: bool = False) -> list[CodeResult]:
    """The result of every case, in order; see the module.

    `anew`: try those once more on which the sandbox failed before, as at the start of a batch.
    Raises DataError for tests that are none, SandboxError where the level cannot be had.
    """
    sandbox = ready(room)
    keys = [_key(case, room) for case in cases]
    with _LOCK:
        known = {key: _RESULTS[key] for key in keys if key in _RESULTS}
    if anew:
        known = {key: result for key, result in known.items() if result.judged}
    fresh = {key: case for key, case in zip(keys, cases, strict=True) if key not in known}
    read = {key: crossing(read_tests(case[1])) for key, case in fresh.items()}

    def one(key: str) -> CodeResult:
        return judge(
            sandbox,
            fresh[key][0],
            read[key],
            room.limits,
            seconds=room.seconds,
            all_wanted=room.all_wanted,
        )

    if fresh:
        found = dict(zip(fresh, sandbox.map(one, list(fresh)), strict=True))
        found |= _again(found, one, sandbox.workers)
        for key, result in found.items():
            _COUNTS.add(result, _RESULTS.get(key))
            _RESULTS.put(key, result)
        known |= found
        # The next batch finds its processes ready: while the model writes there is time.
        sandbox.prepare(len(fresh), room.limits.files_mb)
    return [known[key] for key in keys]


def _again(
    found: Mapping[str, CodeResult], one: Callable[[str], CodeResult], cores: int
) -> dict[str, CodeResult]:
    """The late programs' results when they have the machine to themselves; see the module."""
    late = [key for key, result in found.items() if result.late]
    late.sort(key=lambda key: -found[key].share)
    again: dict[str, CodeResult] = {}
    vain = 0
    for key in late[: _MOST_AGAIN * cores]:
        result = one(key)
        both = [found[key], result] if result.judged else [found[key]]
        again[key] = max(both, key=lambda each: (each.passed, not each.late))
        vain += result.late
        if vain >= min(_MOST_VAIN, max(1, len(late) // cores)):
            break
    if again:
        _COUNTS.add_again(len(again), sum(one.judged and not one.late for one in again.values()))
    return again


def _key(case: Case, room: Room) -> str:
    """As Python, to which a list is no tuple, and 1 neither 1.0 nor "1"."""
    program, tests = case
    try:
        return repr((program, list(tests), room))
    except ValueError as error:  # a whole number of more digits than Python writes
        raise DataError.one("tests", f"cannot be read: {error}") from None


class _Results(OrderedDict[str, CodeResult]):
    """The latest results by program, tests and room."""

    def put(self, key: str, result: CodeResult) -> None:
        with _LOCK:
            self[key] = result
            while len(self) > KEPT:
                self.popitem(last=False)


@dataclass
class _Counts:
    judged: int = 0
    failed: int = 0
    again: int = 0
    in_time: int = 0
    told: bool = False
    recent: deque[bool] = field(default_factory=lambda: deque(maxlen=_WINDOW))
    missing: Missing = field(default_factory=Missing)

    def forget(self) -> None:
        self.judged = self.failed = self.again = self.in_time = 0
        self.told = False
        self.recent.clear()
        self.missing = Missing()

    def add(self, result: CodeResult, before: CodeResult | None) -> None:
        """Count a program once, by its last result; `before`: what it had so far."""
        self.judged += before is None
        if before is None:
            self.missing.add(result)
        self.failed += (not result.judged) - (before is not None and not before.judged)
        self.recent.append(not result.judged)
        failed, count = sum(self.recent), len(self.recent)
        above = failed > ALARM * max(count, _LEAST_FOR_ALARM)
        if above and not self.told:
            what = "the sandbox failed on %d of the last %d programs: their samples are not scored"
            _log.error(what, failed, count)
        self.told = above  # told again when it comes back

    def add_again(self, programs: int, in_time: int) -> None:
        self.again += programs
        self.in_time += in_time
        _log.info(
            "%d programs that the wall clock stopped were judged again alone, %d in time",
            programs,
            in_time,
        )


_LOCK = threading.Lock()


def _renew() -> None:
    """In a forked child: whoever held the lock is not there to let go of it."""
    global _LOCK  # noqa: PLW0603 - a lock cannot be opened from outside
    _LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
_SANDBOXES: dict[tuple[str, tuple[str, ...]], Sandbox] = {}
_LEVELS: dict[str, tuple[str, ...]] = {}
_LATEST: list[Room] = []
_RESULTS = _Results()
_COUNTS = _Counts()
