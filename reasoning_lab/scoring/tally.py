"""Counts over scored lines, in memory that hardly grows: 4 bytes a line, for the latencies."""

from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from reasoning_lab.rewards.term import RATE
from reasoning_lab.scoring.judging import Scored
from reasoning_lab.statistics.grouped import Grouped
from reasoning_lab.statistics.interval import Bounds, Estimate, exactly
from reasoning_lab.text.example import Verdict

TOTAL = "score/total"
PART = "score/part/"
VERDICT = "verdict/"
LINES = "lines/"
SPEED = "perf/lines_per_second"
LATENCY = "perf/ms/"


class Tally:
    """Takes the scores of one group of lines after the other.

    `yes_no` names those of `parts`, and `total`, that can only be 0 and 1; `bounds` has the least
    and greatest value of those whose range is known.
    """

    def __init__(
        self, parts: Sequence[str], yes_no: Collection[str], bounds: Mapping[str, Bounds]
    ) -> None:
        self.lines = 0
        self.broken = 0
        self._total, *groups = (
            Grouped(yes_no=name in yes_no, bounds=bounds.get(name)) for name in ("total", *parts)
        )
        self._parts = dict(zip(parts, groups, strict=True))
        self._verdicts = {verdict: Grouped(yes_no=True) for verdict in Verdict}
        self._seen: dict[str, Grouped] = {}
        self._rates: Counter[str] = Counter()
        self._counts: Counter[Verdict] = Counter()
        self._ms = array("f")

    def add(self, lines: Sequence[Scored]) -> None:
        """Count the lines of one problem."""
        scores = [line.score for line in lines]
        self.lines += len(lines)
        self._ms.extend(line.ms for line in lines)
        self._total.add([score.total for score in scores if score.total is not None])
        for name, grouped in self._parts.items():
            values = (score.parts[name] for score in scores)
            grouped.add([value for value in values if value is not None])
        judged = [score.verdict for score in scores if score.verdict is not None]
        self._counts.update(judged)
        for verdict, grouped in self._verdicts.items():
            grouped.add([float(one is verdict) for one in judged])
        if seen := [score.seen for score in scores if score.seen]:
            self._add_seen(seen)

    def _add_seen(self, seen: Sequence[Mapping[str, float]]) -> None:
        for name in dict.fromkeys(name for one in seen for name in one):
            values = [one[name] for one in seen if name in one]
            is_rate = name.endswith(RATE)
            self._seen.setdefault(name, Grouped(yes_no=is_rate)).add(values)
            if is_rate:
                self._rates[name] += int(sum(values))

    def estimates(self, seconds: float) -> dict[str, Estimate]:
        """All of it as a manifest's metrics; `seconds` is what reading and scoring took.

        Shares and means are over the lines that a term or a judge applies to; the latencies are
        nearest-rank quantiles in milliseconds.
        """
        grouped = {TOTAL: self._total}
        grouped |= {f"{PART}{name}": values for name, values in self._parts.items()}
        grouped |= {f"{VERDICT}{verdict.value}": v for verdict, v in self._verdicts.items()}
        grouped |= self._seen
        found = {name: values.estimate() for name, values in grouped.items() if values.rows}
        found |= {f"{LINES}scored": exactly(self.lines), f"{LINES}broken": exactly(self.broken)}
        counts = {verdict.value: count for verdict, count in self._counts.items()} | self._rates
        found |= {f"{LINES}{name}": exactly(count) for name, count in counts.items()}
        if self.lines:
            found[SPEED] = exactly(self.lines / seconds)
            ordered = sorted(self._ms)
            for name, share in (("p50", 0.50), ("p99", 0.99), ("max", 1.0)):
                place = max(0, -(-int(share * 100) * len(ordered) // 100) - 1)
                found[f"{LATENCY}{name}"] = exactly(ordered[place])
        return found
