"""How programs are run, and a batch of them judged in one sandbox.

Equal programs with equal tests are judged once; as many compute at once as there are cores, and
those that sleep let others begin.

A busy machine makes honest programs late. Those that the wall clock stopped while they computed,
and not the limit of computing time, are judged once more when the batch is over, one after another
with nothing beside them, those first that passed most. Three in vain end it, or fewer where fewer
were late on each core; so do eight a core in all.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reasoning_lab.errors import DataError
from reasoning_lab.judges.code.judge import crossing, judge
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.remote import no_judge
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.text.code_tests import read_tests

SECONDS = 10.0
"""Of wall clock for all tests of one program together."""

_MOST_AGAIN = 8  # late programs judged again in a batch, a core
_MOST_VAIN = 3  # of them late again

_log = logging.getLogger(__name__)

Case = tuple[str, Sequence[Mapping[str, Any]]]
"""A program and its tests; without tests it is run from its first line to its end."""


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

    def key(self, case: Case) -> str:
        """What tells a case judged here from all others. Raises DataError for unreadable tests.

        Written as Python, to which a list is no tuple, and 1 neither 1.0 nor "1".
        """
        program, tests = case
        try:
            return repr((program, list(tests), self))
        except ValueError as error:  # a whole number of more digits than Python writes
            raise DataError.one("tests", f"cannot be read: {error}") from None

    def require_judge(self, tests: Sequence[Mapping[str, Any]]) -> None:
        """Raise SandboxError where the level has no place for one of the tests."""
        if self.isolation == "remote" and any(t.get("type") in ("assert", "check") for t in tests):
            raise no_judge()


@dataclass(frozen=True)
class JudgedBatch:
    """The results of distinct cases by their keys, and which of them were judged again."""

    results: Mapping[str, CodeResult]
    again: Mapping[str, CodeResult]


def judge_batch(sandbox: Sandbox, cases: Mapping[str, Case], room: Room) -> JudgedBatch:
    """Judge every case, given by its `Room.key`; see the module.

    Raises DataError for tests that are none, SandboxError where the level cannot be had.
    """
    read = {key: crossing(read_tests(case[1])) for key, case in cases.items()}

    def one(key: str) -> CodeResult:
        return judge(
            sandbox,
            cases[key][0],
            read[key],
            room.limits,
            seconds=room.seconds,
            all_wanted=room.all_wanted,
        )

    found = dict(zip(cases, sandbox.map(one, list(cases)), strict=True))
    again = _again(found, one, sandbox.workers)
    # The next batch finds its processes ready: while the model writes there is time.
    sandbox.prepare(len(cases), room.limits.files_mb)
    return JudgedBatch(found | again, again)


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
    return again
