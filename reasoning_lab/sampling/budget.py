"""Adaptive budgets: how many samples each problem gets, decided while answers come in.

A problem is sampled in waves: first `waves[0]` samples, then up to `waves[1]`, and so on. It is
looked at only when a wave is complete, and its samples are read by their index, never in the order
in which they arrived: what is drawn depends on the verdicts alone, whatever the engine's batches.

It stops once `keep` verified samples exist, or once its pass rate is known to `known`: once half
of the width of Wilson's interval is at most that. There are several looks, so each interval has the
level 1 - 0.05 / looks (Bonferroni): the last one seen misses the true rate in 5 % of problems at
most, but for the error of Wilson's interval itself.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reasoning_lab.sampling.params import require
from reasoning_lab.sampling.request import Key, Request, Sampled
from reasoning_lab.statistics.interval import Estimate, proportion
from reasoning_lab.text.example import Message

Judging = Callable[[Sequence[Sampled]], Sequence[bool | None]]
"""Whether each completion is right; None where it could not be judged."""

ERROR = 0.05


class Enough(StrEnum):
    """Why a problem is sampled no further."""

    KEPT = "enough verified"
    KNOWN = "pass rate known"
    SPENT = "budget spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """How a budget is spent.

    - `waves`: samples of a problem at each look, growing: (1, 4, 16).
    - `keep`: stop at so many verified samples; None: never for that.
    - `known`: stop once the pass rate is known to plus or minus this; None: never for that.
    - `extra`: the most samples of a problem, 16 or more here, when samples that stopped problems
      left over are spent on problems with fewer than `keep` (or no) verified ones; None: they are
      left.

    Raises ParamsError with all that is out of range.
    """

    waves: tuple[int, ...]
    keep: int | None
    known: float | None
    extra: int | None

    def __post_init__(self) -> None:
        waves, last = self.waves, max(self.waves, default=0)
        grow = bool(waves) and all(a < b for a, b in zip((0, *waves), waves, strict=False))
        rules = (
            ("waves", grow, "numbers that grow, from 1 on"),
            ("keep", self.keep is None or self.keep >= 1, "at least 1, or null"),
            ("known", self.known is None or 0 < self.known < 0.5, "in (0, 0.5), or null"),
            ("extra", self.extra is None or self.extra > last, f"more than {last}, or null"),
        )
        require(self, rules)


@dataclass(slots=True)
class Spent:
    """What a problem has got: `asked` samples, `verdicts` by index, and why no more, if so."""

    problem: str
    prompt: tuple[Message, ...]
    asked: int = 0
    verdicts: dict[int, bool | None] = field(default_factory=dict)
    enough: Enough | None = None

    @property
    def verified(self) -> list[int]:
        """The indices of the samples that are right, in their order."""
        return [index for index in range(self.asked) if self.verdicts.get(index)]

    @property
    def complete(self) -> bool:
        """Whether every sample that was asked for is judged."""
        return len(self.verdicts) == self.asked

    def rate(self, confidence: float = 0.95) -> Estimate | None:
        """Share of right ones among the judged; None where none could be judged."""
        judged = [one for one in self.verdicts.values() if one is not None]
        return proportion(sum(judged), len(judged), confidence) if judged else None


class Budget:
    """A source of requests that asks for more samples only where they are needed.

    Tell it of each completion with `add`; `judge` gets them in batches when the engine has room.
    """

    def __init__(
        self,
        problems: Iterable[tuple[str, tuple[Message, ...]]],
        spending: Spending,
        judge: Judging,
    ) -> None:
        self.spent = {problem: Spent(problem, prompt) for problem, prompt in problems}
        self._spending, self._judge = spending, judge
        self._ready: deque[Request] = deque()
        self._unjudged: list[Sampled] = []
        self._last: dict[str, int] = {}
        for one in self.spent.values():
            self._ask(one, spending.waves[0])

    def take(self, most: int) -> list[Request]:
        """At most `most` requests; judges what has come in where none would be ready otherwise."""
        if len(self._ready) < most and self._unjudged:
            self._judge_all()
        return [self._ready.popleft() for _ in range(min(most, len(self._ready)))]

    def add(self, sampled: Sampled) -> None:
        """A completion has come."""
        self._unjudged.append(sampled)

    def close(self) -> list[Spent]:
        """Judge what is left, and give what each problem got, in the order of the problems."""
        self._judge_all()
        return list(self.spent.values())

    def _judge_all(self) -> None:
        batch, self._unjudged = self._unjudged, []
        for sampled, right in zip(batch, self._judge(batch), strict=True):
            one = self.spent[sampled.key.problem]
            one.verdicts[sampled.key.sample] = right
            if one.complete:
                self._look(one)

    def _look(self, one: Spent) -> None:
        """A wave is complete: enough, or the next one."""
        rule = self._spending
        limit = self._last.get(one.problem, rule.waves[-1])
        if rule.keep is not None and len(one.verified) >= rule.keep:
            one.enough = Enough.KEPT
        elif self._is_known(one):
            one.enough = Enough.KNOWN
        elif one.asked >= limit:
            one.enough = Enough.SPENT
        else:
            self._ask(one, min(next((n for n in rule.waves if n > one.asked), limit), limit))
        if one.enough is not None and not self._last:
            self._spend_what_is_left()

    def _is_known(self, one: Spent) -> bool:
        looks = len(self._spending.waves) + (self._spending.extra is not None)
        rate = one.rate(1 - ERROR / looks)
        if self._spending.known is None or rate is None:
            return False
        assert rate.low is not None
        assert rate.high is not None
        return (rate.high - rate.low) / 2 <= self._spending.known

    def _spend_what_is_left(self) -> None:
        """Once every problem has stopped: share the samples saved among those that ran out."""
        most = self._spending.extra
        if most is None or any(one.enough is None for one in self.spent.values()):
            return
        planned = self._spending.waves[-1] * len(self.spent)
        left = planned - sum(one.asked for one in self.spent.values())
        poor = [one for one in self.spent.values() if one.enough is Enough.SPENT]
        for place, one in enumerate(poor):
            share = min(most - one.asked, left // (len(poor) - place))
            left -= share
            if share:
                self._last[one.problem] = one.asked + share
                one.enough = None
                self._ask(one, one.asked + share)

    def _ask(self, one: Spent, until: int) -> None:
        self._ready.extend(
            Request(Key(one.problem, index), one.prompt) for index in range(one.asked, until)
        )
        one.asked = until
