"""Whether a repeated run came out the same, number for number."""

import json
from dataclasses import dataclass

from reasoning_lab.records.metrics import METRICS, read_metrics
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read

# Timings differ from run to run and say nothing about what was learned.
IGNORED_PREFIX = "perf/"

# Stands for the step in the place of a manifest's value; steps are never negative.
_RESULT = -1


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
    first, second = _values(original), _values(repeat)
    for place in sorted({*first, *second}):
        old, new = first.get(place, ["nothing"]), second.get(place, ["nothing"])
        if old != new:
            step, key = place
            where = f"{METRICS} step {step}" if step != _RESULT else "manifest.json"
            differences.append(f"{where} {key}: {', '.join(old)} then, {', '.join(new)} now")
    more = len(differences) - limit
    tail = (f"and {more} more",) if more > 0 else ()
    return Comparison(sum(map(len, first.values())), (*differences[:limit], *tail))


def _values(folder: RunFolder) -> dict[tuple[int, str], list[str]]:
    """Every value by step and key; as text, so that NaN equals NaN and 0.0 differs from -0.0."""
    found: dict[tuple[int, str], list[str]] = {}
    for row in read_metrics(folder.metrics):
        for key, value in row.values.items():
            if not key.startswith(IGNORED_PREFIX):
                found.setdefault((row.step, key), []).append(json.dumps(value))
    for key, estimate in read(folder).metrics.items():
        if not key.startswith(IGNORED_PREFIX):
            found[_RESULT, key] = [estimate.model_dump_json()]
    return found
