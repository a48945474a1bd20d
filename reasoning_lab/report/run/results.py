"""A manifest's metrics as rows to read: before, after, difference, verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from reasoning_lab.records.answer import GREEDY
from reasoning_lab.report.text.words import number, points, share, verdict
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.statistics.interval import Estimate

BEFORE, AFTER, GAIN, PERF = "before/", "after/", "gain/", "perf/"
CUT_OFF = "/cut_off"
"""Ends the name of a share that is only worth a warning where it is large."""
_ORDER = ("pass@", "thinking", "tokens")
_AMOUNTS = {"better": "more", "worse": "less"}
LEGEND = {
    "thinking": "thinking: share of completions that think before they answer",
    "tokens": "tokens: mean length of a completion",
}
"""What metrics' names mean, for a footnote."""


def evaluation_of(run: Run) -> Evaluation:
    """How the verb of `run` measures; for verbs that do."""
    return cast(Measuring, run.stage).evaluation


@dataclass(frozen=True, slots=True)
class Row:
    """One measured quantity; `before` and `gain` are None where nothing was trained."""

    metric: str
    before: Estimate | None
    after: Estimate | None
    gain: Estimate | None

    @property
    def label(self) -> str:
        """`greedy pass@1`, `sampled thinking`."""
        return self.metric.replace("/", " ")

    @property
    def is_share(self) -> bool:
        """Whether the quantity is a share in [0, 1]."""
        return "pass@" in self.metric or self.metric.endswith("thinking")

    @property
    def is_score(self) -> bool:
        """Whether more of it is better."""
        return "pass@" in self.metric

    def show(self, estimate: Estimate | None) -> str:
        """An estimate of this row with its interval, or an empty text."""
        if estimate is None:
            return ""
        return share(estimate) if self.is_share else number(estimate)

    @property
    def difference(self) -> str:
        """The paired difference in points, or an empty text."""
        return "" if self.gain is None else points(self.gain)

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `not distinguishable`, `unchanged`, or "" without a difference.

        Of thinking, which is neither good nor bad: `more` or `less`.
        """
        said = "" if self.gain is None else verdict(self.gain)
        return said if self.is_score else _AMOUNTS.get(said, said)


def rows(manifest: Manifest) -> list[Row]:
    """Everything measured on held-out problems: pass@k first, then thinking, then lengths."""
    metrics = manifest.metrics
    measured = [key for key in metrics if not key.startswith(PERF) and not key.endswith(CUT_OFF)]
    found = [
        Row(
            metric=name,
            before=metrics.get(BEFORE + name),
            after=metrics.get(AFTER + name, metrics.get(name)),
            gain=metrics.get(GAIN + name),
        )
        for name in dict.fromkeys(map(_bare, measured))
    ]
    return sorted(found, key=lambda row: _place(row.metric))


def legend(found: Sequence[Row]) -> list[str]:
    """The footnotes that these rows need."""
    return [
        text for name, text in LEGEND.items() if any(row.metric.endswith(name) for row in found)
    ]


def cut_off(manifest: Manifest) -> dict[str, Estimate]:
    """By way of decoding, the share of held-out completions that were cut off at the limit."""
    return {
        _bare(key).removesuffix(CUT_OFF): value
        for key, value in manifest.metrics.items()
        if key.endswith(CUT_OFF) and BEFORE not in key
    }


def main_row(found: Sequence[Row]) -> Row | None:
    """The row that stands for the whole run: greedy pass@1, else the first."""
    greedy = [row for row in found if row.metric == f"{GREEDY}/pass@1"]
    return next(iter([*greedy, *found]), None)


def performance(manifest: Manifest, name: str) -> float | None:
    """The value of `perf/<name>`, if it was recorded."""
    found = manifest.metrics.get(PERF + name)
    return None if found is None else found.value


def _bare(key: str) -> str:
    for prefix in (BEFORE, AFTER, GAIN):
        key = key.removeprefix(prefix)
    return key


def _place(metric: str) -> int:
    return next((place for place, mark in enumerate(_ORDER) if mark in metric), len(_ORDER))
