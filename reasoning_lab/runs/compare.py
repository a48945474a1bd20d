"""Whether a repeated run came out the same, number for number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import zip_longest

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.runs.metrics import Row, read_metrics

# Timings differ from run to run and say nothing about what was learned.
IGNORED_PREFIX = "perf/"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many values were compared, and a line of text for each of the first that differ."""

    values: int
    differences: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every value is equal to the last bit."""
        return not self.differences


def compare(original: RunFolder, repeat: RunFolder, limit: int = 10) -> Comparison:
    """Compare all of metrics.jsonl and the manifests' metrics, except keys under `perf/`.

    Raises ArtifactError unless both runs have finished.
    """
    differences: list[str] = []
    values = 0
    nothing: dict[str, str] = {}
    rows = zip_longest(_table(original), _table(repeat), fillvalue=nothing)
    for number, (left, right) in enumerate(rows, start=1):
        where = f"metrics.jsonl:{number}"
        for key in sorted({*left, *right}):
            values += 1
            if (old := left.get(key)) != (new := right.get(key)):
                differences.append(f"{where} {key}: {old} then, {new} now")
    before, after = _results(original), _results(repeat)
    for key in sorted({*before, *after}):
        values += 1
        if (old := before.get(key)) != (new := after.get(key)):
            differences.append(f"manifest.json {key}: {old} then, {new} now")
    more = len(differences) - limit
    tail = (f"and {more} more",) if more > 0 else ()
    return Comparison(values, (*differences[:limit], *tail))


def _table(folder: RunFolder) -> list[dict[str, str]]:
    return [row for row in map(_texts, read_metrics(folder.metrics)) if set(row) != {"step"}]


def _texts(row: Row) -> dict[str, str]:
    # As text, so that NaN equals NaN and 0.0 differs from -0.0.
    return {k: json.dumps(v) for k, v in row.items() if not k.startswith(IGNORED_PREFIX)}


def _results(folder: RunFolder) -> dict[str, str]:
    metrics = read(folder).metrics.items()
    return {k: v.model_dump_json() for k, v in metrics if not k.startswith(IGNORED_PREFIX)}
