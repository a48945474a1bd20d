r"""Symbolic equality (`x(x+1)` and `x^2+x`), by sympy and math-verify in processes of their own.

A guard reads the cost off the text first (`guard.py`); what passes is compared in a pool of warm
processes with a wall-clock and a memory limit (`reasoning_lab.sandbox`). Nothing is started
before a pair needs it, and each pair is compared once: verdicts are kept, timeouts too.
"""

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from reasoning_lab.errors import RewardError
from reasoning_lab.judges.math.guard import too_costly
from reasoning_lab.pool.pool import Outcome, Pool
from reasoning_lab.text.example import Verdict

SECONDS = 2.0  # wall-clock limit of a pair
MEMORY_MB = 512  # address space of a worker, about 100 of them sympy itself
WORKERS = 2  # at most; never more than there are cores for this process
KEPT = 65_536  # verdicts, about 30 MB
_HANDLER = "reasoning_lab.judges.math.sympy_worker:prepare"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Symbolic:
    """A verdict (`correct`, `wrong`, `unparsable` or `timeout`) and why.

    `timeout` is said of every pair on which no verdict was reached: too slow, too large, or a
    worker that crashed; the reason tells which.
    """

    verdict: Verdict
    reason: str


class Comparer:
    """Compares pairs in a pool of its own, and remembers.

    `workers`: processes, at least 1; `memory_mb`: address space of each; `kept`: verdicts
    remembered, the least recently used forgotten first.
    """

    def __init__(self, *, workers: int, memory_mb: int = MEMORY_MB, kept: int = KEPT) -> None:
        self.pool = Pool(_HANDLER, workers=workers, memory_mb=memory_mb)
        self._kept = kept
        self._known: OrderedDict[Pair, tuple[Symbolic, float]] = OrderedDict()
        self._lock = threading.Lock()

    def compare(self, pairs: Sequence[Pair], *, seconds: float = SECONDS) -> list[Symbolic]:
        """As `equal_symbolically`."""
        found = {pair: self._recall(pair, seconds) for pair in pairs}
        # Sorted by gold: a worker that has parsed a gold meets it again at once.
        asked = sorted((pair for pair in found if found[pair] is None), key=lambda pair: pair[1])
        if asked:
            jobs = [json.dumps(pair) for pair in asked]
            outcomes = self.pool.map(jobs, seconds=seconds)
            for pair, outcome in zip(asked, outcomes, strict=True):
                found[pair] = self._keep(pair, _read(pair, outcome, seconds), seconds)
        return [each for pair in pairs if (each := found[pair]) is not None]

    def _recall(self, pair: Pair, seconds: float) -> Symbolic | None:
        """What is known of a pair; a timeout is known for its own limit and shorter ones."""
        if costly := _refused(pair):
            return costly
        with self._lock:
            symbolic, limit = self._known.get(pair, (None, 0.0))
            if symbolic is None or (symbolic.verdict is Verdict.TIMEOUT and limit < seconds):
                return None
            self._known.move_to_end(pair)
            return symbolic

    def _keep(self, pair: Pair, symbolic: Symbolic, seconds: float) -> Symbolic:
        with self._lock:
            self._known[pair] = symbolic, seconds
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        return symbolic

    def _after_fork(self) -> None:
        self._lock = threading.Lock()


def _refused(pair: Pair) -> Symbolic | None:
    for text, whose in zip(pair, ("", "gold: "), strict=True):
        if cost := too_costly(text):
            return Symbolic(Verdict.UNPARSABLE, f"guard: {whose}{cost}")
    return None


def _read(pair: Pair, outcome: Outcome, seconds: float) -> Symbolic:
    if outcome.status == "ok":
        verdict, reason = json.loads(outcome.value)
        return Symbolic(Verdict(verdict), reason)
    if outcome.status == "error":
        raise RewardError.one(
            "symbolic comparison",
            f"a bug on answer {pair[0]!r} and gold {pair[1]!r}:\n{outcome.value}",
            "report it with these two texts",
        )
    reasons = {
        "timeout": f"timeout: no verdict within {seconds:g} s",
        "memory": f"memory: {outcome.value}",
        "died": f"died: the worker ended with {outcome.value}, twice",
    }
    return Symbolic(Verdict.TIMEOUT, reasons[outcome.status])


_comparer: Comparer | None = None
_starting = threading.Lock()


def use(comparer: Comparer | None) -> Comparer | None:
    """Make `comparer` the one that `equal_symbolically` asks (None: the default one, made when
    it is needed); the one before."""
    global _comparer
    with _starting:
        before, _comparer = _comparer, comparer
        return before


def equal_symbolically(pairs: Sequence[Pair], *, seconds: float = SECONDS) -> list[Symbolic]:
    r"""Compare each (answer, gold), bare formulas without `$` or `\boxed`; `seconds` a pair.

    From any thread, in input order, and never longer than the limit for a hang (more than one
    hang runs side by side as there are workers). Raises `SandboxError` where no worker can be
    started, and `RewardError` for a bug in the comparison itself: neither is a verdict.

    >>> [each.verdict.value for each in equal_symbolically([("x(x+1)", "x^2+x"), ("x", "X")])]
    ['correct', 'wrong']
    """
    global _comparer  # noqa: PLW0603 - as above
    with _starting:
        if _comparer is None:
            _comparer = Comparer(workers=min(WORKERS, _usable_cores()))
        comparer = _comparer
    return comparer.compare(pairs, seconds=seconds)


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _after_fork() -> None:
    global _starting  # noqa: PLW0603 - a lock that another thread of the parent may have held
    _starting = threading.Lock()
    if _comparer is not None:
        _comparer._after_fork()


os.register_at_fork(after_in_child=_after_fork)
