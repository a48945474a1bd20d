"""A manifest's metrics as rows to read: before, after, difference, verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from reasoning_lab.records.answer import GREEDY
from reasoning_lab.report.text.words import number, percent, points, share, verdict
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.statistics.interval import Estimate

BEFORE, AFTER, GAIN, PERF = "before/", "after/", "gain/", "perf/"
CUT_OFF, EMPTY = "/cut_off", "/empty"
"""End the names of shares that stand beside every score and not in a row of their own."""
LIMITED = 0.05
"""Share of cut-off completions above which a score tells more of the limit than of the model."""
BUDGET_LIMITED = "budget-limited"
_ORDER = ("pass@", "maj@", "format", "thinking", "tokens")
_SHARES = ("format", "thinking")
_AMOUNTS = {"better": "more", "worse": "less"}
LEGEND = {
    "pass@2": "pass@k: at least one of k answers is right; pass@1 of n answers is avg@n",
    "maj@": "maj@k: the answer given most often among k is right, ties shared",
    "format": "format: share of completions that give one answer in the asked form",
    "thinking": "thinking: share of completions that think before they answer",
    "tokens": "tokens: mean length of a completion",
}
"""What metrics' names mean, for a footnote."""


def evaluation_of(run: Run) -> Evaluation:
    """How the verb of `run` measures; for verbs that do."""
    return cast(Measuring, run.stage).evaluation


@dataclass(frozen=True, slots=True)
class Row:
    """One measured quantity; `before` and `gain` are None where nothing was trained.

    `cut_off` and `empty`: shares of the completions behind it that were cut off at the limit, and
    that said nothing after thinking; None where that is not known.
    """

    metric: str
    before: Estimate | None
    after: Estimate | None
    gain: Estimate | None
    cut_off: Estimate | None = None
    empty: Estimate | None = None

    @property
    def label(self) -> str:
        """`greedy pass@1`, `sampled thinking`."""
        return self.metric.replace("/", " ")

    @property
    def is_share(self) -> bool:
        """Whether the quantity is a share in [0, 1]."""
        return self.is_score or self.metric.endswith(_SHARES)

    @property
    def is_score(self) -> bool:
        """Whether more of it is better."""
        return "pass@" in self.metric or "maj@" in self.metric

    @property
    def is_limited(self) -> bool:
        """Whether it is a score of completions of which more than `LIMITED` were cut off."""
        return self.is_score and self.cut_off is not None and self.cut_off.value > LIMITED

    def show(self, estimate: Estimate | None) -> str:
        """An estimate of this row with its interval, or an empty text."""
        if estimate is None:
            return ""
        return share(estimate) if self.is_share else number(estimate)

    def show_beside(self, share: Estimate | None) -> str:
        """A share that stands beside a score; an empty text in any other row."""
        return "" if share is None or not self.is_score else percent(share.value)

    @property
    def difference(self) -> str:
        """The paired difference in points, or an empty text."""
        return "" if self.gain is None else points(self.gain)

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `not distinguishable`, `unchanged`, or "" without a difference.

        Of thinking and format, which are neither good nor bad by themselves: `more` or `less`.
        """
        said = "" if self.gain is None else verdict(self.gain)
        return said if self.is_score else _AMOUNTS.get(said, said)

    @property
    def verdict_line(self) -> str:
        """The verdict, and that the score is budget-limited where it is."""
        return ", ".join(filter(None, (self.verdict, BUDGET_LIMITED * self.is_limited)))


def rows(manifest: Manifest) -> list[Row]:
    """Everything measured on held-out problems: scores first, then shares, then lengths."""
    metrics = manifest.metrics
    beside = (CUT_OFF, EMPTY)
    measured = [key for key in metrics if not key.startswith(PERF) and not key.endswith(beside)]
    cut, empty = cut_off(manifest), _of_ways(manifest, EMPTY)
    found = [
        Row(
            metric=name,
            before=metrics.get(BEFORE + name),
            after=metrics.get(AFTER + name, metrics.get(name)),
            gain=metrics.get(GAIN + name),
            cut_off=cut.get(name.partition("/")[0]),
            empty=empty.get(name.partition("/")[0]),
        )
        for name in dict.fromkeys(map(_bare, measured))
    ]
    return sorted(found, key=lambda row: _place(row.metric))


def legend(found: Sequence[Row]) -> list[str]:
    """The footnotes that these rows need."""
    return [text for name, text in LEGEND.items() if any(f"/{name}" in row.metric for row in found)]


def cut_off(manifest: Manifest) -> dict[str, Estimate]:
    """By way of measuring, the share of held-out completions that were cut off at the limit."""
    return _of_ways(manifest, CUT_OFF)


def _of_ways(manifest: Manifest, name: str) -> dict[str, Estimate]:
    """By way of measuring, what came out under `name`, after training where there was any."""
    return {
        _bare(key).removesuffix(name): value
        for key, value in manifest.metrics.items()
        if key.endswith(name) and not key.startswith((BEFORE, GAIN, PERF))
    }


def main_row(found: Sequence[Row]) -> Row | None:
    """The row that stands for the whole run: greedy pass@1, else the first way's."""
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
