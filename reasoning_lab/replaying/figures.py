"""What a replay comes to: totals, terms, verdicts and advantages, before and after.

The unit of every interval is the group: the completions of one prompt are not independent of each
other. A figure `before/x` is what was paid in training, `after/x` what the other reward pays, and
`gain/x` their difference group by group.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from reasoning_lab.records.rollout import UNJUDGED, Rollout
from reasoning_lab.rewards.advantage import no_signal
from reasoning_lab.statistics.agreement import spearman
from reasoning_lab.statistics.grouped import Grouped
from reasoning_lab.statistics.interval import (
    Bounds,
    Estimate,
    difference_interval,
    exactly,
    proportion,
)
from reasoning_lab.text.example import Score, Verdict

VERDICTS = (*(verdict.value for verdict in Verdict), UNJUDGED)
SHARES = re.compile(r"(before|after)/verdict/|advantage/")  # what counts a yes or a no
NO_PUSH = 1e-6  # an advantage nearer to 0 than this pushes nowhere


@dataclass(frozen=True, slots=True)
class Judged:
    """A stored completion, its new score, and advantages.

    `recomputed` is what its stored total comes to among the stored ones; it differs from the
    stored advantage where completions of the batch are not stored. `advantage` is the new one.
    """

    stored: Rollout
    score: Score
    recomputed: float | None
    advantage: float | None

    @property
    def advantage_before(self) -> float | None:
        """The advantage in training."""
        return self.recomputed if self.stored.advantage is None else self.stored.advantage


def groups_of(step: Sequence[Judged]) -> Iterator[list[Judged]]:
    """The groups of a step; the completions of one stand together."""
    for _, group in groupby(step, key=lambda one: one.stored.group):
        yield list(group)


class Figures:
    """Takes the steps of a replay, one after the other.

    `then` and `now` name the terms, and `total`, that can only be 0 and 1: in training, and here.
    `bounds_then` and `bounds_now` are the ranges of those whose range is known.
    """

    def __init__(
        self,
        then: Collection[str],
        now: Collection[str],
        bounds_then: Mapping[str, Bounds],
        bounds_now: Mapping[str, Bounds],
    ) -> None:
        self._yes_no = {"before": then, "after": now}
        self._bounds = {"before": bounds_then, "after": bounds_now}
        self._sides: dict[str, Grouped] = {}
        self._gains: dict[str, list[float]] = {}
        self._silent: list[tuple[bool, bool]] = []
        self._advantages: list[tuple[float, float]] = []
        self._steps = self._completions = 0

    def add(self, step: Sequence[Judged]) -> None:
        """Count the completions of a step."""
        self._steps += 1
        self._completions += len(step)
        for group in groups_of(step):
            self._add_group(group)

    def _add_group(self, group: Sequence[Judged]) -> None:
        old, new = [one.stored for one in group], [one.score for one in group]
        totals = [one.total for one in old], [score.total for score in new]
        self._silent.append((no_signal(totals[0]), no_signal(totals[1])))
        self._note("total", *totals)
        for name in dict.fromkeys([*old[0].parts, *new[0].parts]):
            before = [one.parts.get(name) for one in old]
            self._note(f"term/{name}", before, [score.parts.get(name) for score in new])
        then = [one.verdict or UNJUDGED for one in old]
        now = [UNJUDGED if score.verdict is None else score.verdict.value for score in new]
        for kind in VERDICTS:
            before = [float(one == kind) for one in then]
            self._note(f"verdict/{kind}", before, [float(one == kind) for one in now])
        self._add_pushes(group)

    def _add_pushes(self, group: Sequence[Judged]) -> None:
        """What becomes of each completion's push: up, down, or none."""
        pairs = [(one.advantage_before or 0.0, one.advantage or 0.0) for one in group]
        self._advantages += pairs
        signs = [(_sign(then), _sign(now)) for then, now in pairs]
        self._take("advantage/reversed", [float(a * b < 0) for a, b in signs])
        self._take("advantage/lost", [float(bool(a) and not b) for a, b in signs])
        self._take("advantage/gained", [float(bool(b) and not a) for a, b in signs])

    def _note(
        self, name: str, before: Sequence[float | None], after: Sequence[float | None]
    ) -> None:
        then = self._take(f"before/{name}", before)
        now = self._take(f"after/{name}", after)
        if then and now:
            self._gains.setdefault(name, []).append(fmean(now) - fmean(then))

    def _take(self, name: str, values: Sequence[float | None]) -> list[float]:
        there = [value for value in values if value is not None]
        if there:
            if name not in self._sides:
                when, _, what = name.partition("/")
                term = what.removeprefix("term/")
                share = SHARES.match(name) is not None or term in self._yes_no.get(when, ())
                bounds = self._bounds.get(when, {}).get(term)
                self._sides[name] = Grouped(yes_no=share, bounds=bounds)
            self._sides[name].add(there)
        return there

    def estimates(self) -> dict[str, Estimate]:
        """All figures, with 95 % intervals over groups."""
        found = {name: side.estimate() for name, side in self._sides.items()}
        for name, gains in self._gains.items():
            found[f"gain/{name}"] = difference_interval(gains, bounds=self._gain_bounds(name))
        for kind in VERDICTS:
            sides = [f"{when}/verdict/{kind}" for when in ("before", "after")]
            if not any(found[side].value for side in sides):
                for name in (*sides, f"gain/verdict/{kind}"):
                    del found[name]
        for when, place in (("before", 0), ("after", 1)):
            silent = sum(pair[place] for pair in self._silent)
            found[f"{when}/without_signal"] = proportion(silent, len(self._silent))
        moved = [float(now) - float(then) for then, now in self._silent]
        found["gain/without_signal"] = difference_interval(moved, bounds=(-1.0, 1.0))
        agreement = spearman(*map(list, zip(*self._advantages, strict=True)))
        if agreement is not None:
            found["advantage/agreement"] = exactly(agreement)
        found["steps"] = exactly(self._steps)
        found["groups"] = exactly(len(self._silent))
        found["completions"] = exactly(self._completions)
        return found

    def _gain_bounds(self, name: str) -> Bounds | None:
        """The range of a difference; None where one of its sides has none, or has left it."""
        if name.startswith("verdict/"):
            return -1.0, 1.0
        then, now = (self._sides[f"{when}/{name}"].bounds for when in ("before", "after"))
        return None if then is None or now is None else (now[0] - then[1], now[1] - then[0])


def _sign(advantage: float) -> int:
    return (advantage > NO_PUSH) - (advantage < -NO_PUSH)
