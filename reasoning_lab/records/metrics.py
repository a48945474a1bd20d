"""`metrics.jsonl`: one JSON object a line, `{"step": 3, "train/loss": 0.1}`.

Each line is written in one go as it is measured, so a killed run loses at most a torn last line,
which readers pass over and the next writer cuts off. Not-a-number is written as `NaN`, which
Python reads back: a loss that broke must stay visible.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.lines import json_lines

METRICS = "metrics.jsonl"


@dataclass(frozen=True, slots=True)
class MetricRow:
    """What was measured at one step, by name; `step` 0 is before training."""

    step: int
    values: Mapping[str, float]


class MetricsFile:
    """The writer. Open it only in the one process that logs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _cut_torn_line(path)
        self._kept = {_key(row) for row in read_metrics(path)}
        self._file = path.open("a", encoding="utf-8", newline="\n", buffering=1)

    def append(self, step: int, metrics: Mapping[str, float]) -> bool:
        """Write a line; False if an earlier life of this run wrote the very same line.

        A resumed run measures anew what it measured before its first step, and that must not
        stand in the file twice.
        """
        row = MetricRow(step, {name: float(value) for name, value in metrics.items()})
        if _key(row) in self._kept:
            return False
        self._file.write(_line(row))
        return True

    def rewind(self, step: int) -> None:
        """Drop every line after `step` (-1: all), as a run that resumes there writes them anew."""
        rows = read_metrics(self._path)
        kept = [row for row in rows if row.step <= step]
        self._kept = {_key(row) for row in kept}
        if len(kept) == len(rows):
            return
        self._file.close()
        write_text(self._path, "".join(map(_line, kept)))
        self._file = self._path.open("a", encoding="utf-8", newline="\n", buffering=1)

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._file.close()


def read_metrics(path: Path) -> list[MetricRow]:
    """All whole lines in order; empty if there is no file.

    Raises ArtifactError for a line, other than a torn last one, that is not a metrics line.
    """
    return [_metric_row(where, row) for where, _, row in json_lines(path)]


def finite(rows: Iterable[MetricRow], key: str) -> list[tuple[int, float]]:
    """Step and value wherever `key` was measured and came out as a number."""
    measured = [(row.step, row.values[key]) for row in rows if key in row.values]
    return [(step, value) for step, value in measured if math.isfinite(value)]


def _metric_row(where: str, row: dict[str, Any]) -> MetricRow:
    step = row.pop("step", None)
    if not isinstance(step, int):
        raise ArtifactError.one(where, "is not a line of metrics", "restore or remove the file")
    return MetricRow(step, row)


def _line(row: MetricRow) -> str:
    return json.dumps({"step": row.step, **row.values}) + "\n"


def _key(row: MetricRow) -> str:
    return json.dumps({"step": row.step, **row.values}, sort_keys=True)


def _cut_torn_line(path: Path) -> None:
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
