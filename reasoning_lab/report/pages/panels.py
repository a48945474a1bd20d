"""Which curves a run has: panels of series, taken from its metrics and its manifest."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from reasoning_lab.records.metrics import MetricRow, finite
from reasoning_lab.report.run.results import AFTER, BEFORE
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.statistics.interval import Estimate, proportion

MAX_POINTS = 400
Metrics = Sequence[MetricRow]


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. Single measurements (drawn as points) have `intervals`, a (low, high) for each
    value; a value at every logged step has none. Each value is the mean of `merged` neighbours.
    """

    label: str
    steps: list[float]
    values: list[float]
    intervals: list[tuple[float, float]] | None = None
    merged: int = 1


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot; `is_share` puts the axis from 0 to 100 %, `from_zero` its lower end to 0; `along`
    is what the other axis counts.
    """

    title: str
    series: list[Series]
    is_share: bool
    from_zero: bool = False
    along: str = "step"


def panels(run: Run, manifest: Manifest, metrics: Metrics) -> list[Panel]:
    """The plots that this run has data for."""
    thinking = [
        *_pick(metrics, {"training samples": "train/rewards/share_thinking"}),
        *_held_out(run, manifest, metrics, "thinking"),
    ]
    lengths = {"mean": "train/completions/mean_length", "longest": "train/completions/max_length"}
    found = [
        Panel("held-out pass@1", list(_held_out(run, manifest, metrics, "pass@1")), True),
        Panel("reward", _rewards(metrics), False),
        Panel("accuracy of training samples", _accuracy(metrics), True),
        Panel("completions that think before answering", thinking, True),
        Panel("completion length in training (tokens)", _pick(metrics, lengths), False, True),
        Panel("loss", _pick(metrics, {"loss": "train/loss"}), False),
    ]
    return [panel for panel in found if any(len(one.values) > 1 for one in panel.series)]


def thinned(label: str, steps: list[float], values: list[float]) -> Series:
    """At most `MAX_POINTS` points: means over equal runs of neighbours."""
    width = math.ceil(len(steps) / MAX_POINTS)
    if width <= 1:
        return Series(label, steps, values)
    starts = range(0, len(steps), width)
    return Series(
        label,
        [fmean(steps[start : start + width]) for start in starts],
        [fmean(values[start : start + width]) for start in starts],
        merged=width,
    )


def _pick(metrics: Metrics, keys: dict[str, str]) -> list[Series]:
    """A series for each label whose key was ever recorded; what is no number is left out."""
    found = []
    for label, key in keys.items():
        if points := finite(metrics, key):
            found.append(thinned(label, *map(list, zip(*points, strict=True))))
    return found


def _rewards(metrics: Metrics) -> list[Series]:
    names = {
        key.split("/")[2]: key
        for row in metrics
        for key in row.values
        if key.startswith("train/rewards/") and key.endswith("/mean")
    }
    ordered = dict(sorted(names.items(), key=lambda item: (item[0] != "total", item[0])))
    return _pick(metrics, ordered or {"total": "train/reward"})


def _accuracy(metrics: Metrics) -> list[Series]:
    for key in ("train/verdict/correct", "train/rewards/accuracy/mean"):
        if found := _pick(metrics, {"correct": key}):
            return found
    return _pick(metrics, {"correct tokens": "train/mean_token_accuracy"})


def _held_out(run: Run, manifest: Manifest, metrics: Metrics, what: str) -> Iterator[Series]:
    """The measurements in each way with intervals: before and after from the manifest, those in
    between from the metrics, with the number of problems that were to be measured.
    """
    if not isinstance(run.stage, Training):
        return
    last = float(run.stage.max_steps)
    few = run.stage.evaluation.measured_during(run.data.heldout_size)
    for way in run.stage.evaluation.ways:
        key, points = f"heldout/{way}/{what}", dict[float, Estimate]()
        for at, share in finite(metrics, key):
            if 0 < at < last and 0 <= share <= 1:
                points[at] = proportion(round(share * few), few)
        for prefix, step in ((BEFORE, 0.0), (AFTER, last)):
            if f"{prefix}{way}/{what}" in manifest.metrics:
                points[step] = manifest.metrics[f"{prefix}{way}/{what}"]
        if points:
            yield _measured(way, points)


def _measured(label: str, points: dict[float, Estimate]) -> Series:
    steps = sorted(points)
    found = [points[step] for step in steps]
    intervals = [
        (one.value if one.low is None else one.low, one.value if one.high is None else one.high)
        for one in found
    ]
    return Series(f"held out, {label}", steps, [one.value for one in found], intervals)
