"""Counts over scored lines, in memory that hardly grows: 4 bytes a line, for the latencies."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Sequence

from reasoning_lab.statistics.grouped import Grouped
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.text.example import Score, Verdict

TOTAL = "score/total"
PART = "score/part/"
VERDICT = "verdict/"
LINES = "lines/"
SPEED = "perf/lines_per_second"
LATENCY = "perf/ms/"


class Tally:
    """Takes the scores of one group of lines after the other.

    `yes_no` names those of `parts`, and `total`, that can only be 0 and 1.
    """

    def __init__(self, parts: Sequence[str], yes_no: Collection[str]) -> None:
        self.lines = 0
        self.broken = 0
        self._total = Grouped(yes_no="total" in yes_no)
        self._parts = {name: Grouped(yes_no=name in yes_no) for name in parts}
        self._verdicts = {verdict: Grouped(yes_no=True) for verdict in Verdict}
        self._counts: Counter[Verdict] = Counter()
        self._ms = array("f")

    def add(self, scores: Sequence[Score], ms: Sequence[float]) -> None:
        """Count the lines of one problem; `ms` is how long each of them took."""
        self.lines += len(scores)
        self._ms.extend(ms)
        self._total.add([score.total for score in scores if score.total is not None])
        for name, grouped in self._parts.items():
            values = (score.parts[name] for score in scores)
            grouped.add([value for value in values if value is not None])
        judged = [score.verdict for score in scores if score.verdict is not None]
        self._counts.update(judged)
        for verdict, grouped in self._verdicts.items():
            grouped.add([float(one is verdict) for one in judged])

    def estimates(self, seconds: float) -> dict[str, Estimate]:
        """All of it as a manifest's metrics; `seconds` is what reading and scoring took.

        Shares and means are over the lines that a term or a judge applies to; the latencies are
        nearest-rank quantiles in milliseconds.
        """
        grouped = {TOTAL: self._total}
        grouped |= {f"{PART}{name}": values for name, values in self._parts.items()}
        grouped |= {f"{VERDICT}{verdict.value}": v for verdict, v in self._verdicts.items()}
        found = {name: values.estimate() for name, values in grouped.items() if values.rows}
        found |= {f"{LINES}scored": _reading(self.lines), f"{LINES}broken": _reading(self.broken)}
        for verdict, count in self._counts.items():
            found[f"{LINES}{verdict.value}"] = _reading(count)
        if self.lines:
            found[SPEED] = _reading(self.lines / seconds)
            ordered = sorted(self._ms)
            for name, share in (("p50", 0.50), ("p99", 0.99), ("max", 1.0)):
                place = max(0, -(-int(share * 100) * len(ordered) // 100) - 1)
                found[f"{LATENCY}{name}"] = _reading(ordered[place])
        return found


def _reading(value: float) -> Estimate:
    """A figure that is counted or read off, so without an interval."""
    return Estimate(value=float(value), low=None, high=None, n=None)
