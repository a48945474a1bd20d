"""`samples_TASK_DATE.jsonl`: what lm-eval writes with `--log_samples`, read and never written.

The fields are those of lm-eval 0.4.13 (`lm_eval/evaluator.py`, `lm_eval/loggers/`): a line for each
document and filter, with the value of each metric under the metric's name. It says neither how long
a completion is nor why it ended.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answered import Answered, Reply
from reasoning_lab.records.lines import json_lines

KEYS = frozenset(("doc_id", "doc", "target", "resps", "filtered_resps", "filter", "metrics"))
"""By these a line is known for one of lm-eval's."""
ASKED_IN = ("question", "problem", "prompt", "input", "instruction", "query", "text")
"""Columns of a data set that may hold the question; else it is the whole prompt."""


def read_lm_eval(path: Path) -> list[Answered]:
    """The documents in their order, a way for each filter, `FILTER/METRIC` where there are several.

    A metric counts if all of its values lie in [0, 1]. Raises ArtifactError for a line that is not
    lm-eval's, a document that comes twice, and where no metric counts.
    """
    rows = [(where, _checked(where, row)) for where, _, row in json_lines(path)]
    metrics = _scores([row for _, row in rows])
    if rows and not metrics:
        named = sorted({str(name) for _, row in rows for name in row["metrics"]})
        what = f"has no metric with values between 0 and 1, only {', '.join(named) or 'none'}"
        raise ArtifactError.one(str(path), what, "measure a task that says right or wrong")
    found: dict[str, tuple[str, dict[str, Any], dict[str, list[Reply]]]] = {}
    for where, row in rows:
        _, _, ways = found.setdefault(str(row["doc_id"]), (where, row, {}))
        text = _text(row)
        for metric in metrics:
            if metric in row:
                way = str(row["filter"]) if len(metrics) == 1 else f"{row['filter']}/{metric}"
                if way in ways:
                    what = f"the document {row['doc_id']} comes twice with the filter {way}"
                    raise ArtifactError.one(where, what, "give the samples of one task alone")
                ways[way] = [Reply(text, float(row[metric]))]
    return [
        Answered(where, name, _question(row), str(row["target"]), ways)
        for name, (where, row, ways) in found.items()
    ]


def _checked(where: str, row: dict[str, Any]) -> dict[str, Any]:
    missing = sorted(KEYS - row.keys())
    if missing or not isinstance(row["metrics"], list) or not isinstance(row["resps"], list):
        lacks = f"lacks {', '.join(missing)}" if missing else "holds no lists of resps and metrics"
        cure = "run lm-eval 0.4.13 with --log_samples again"
        raise ArtifactError.one(where, f"is not a sample as lm-eval 0.4.13 logs it: {lacks}", cure)
    return row


def _scores(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The metrics all of whose values are shares."""
    values: dict[str, bool] = {}
    for row in rows:
        for name in map(str, row["metrics"]):
            value = row.get(name)
            share = isinstance(value, (int, float)) and math.isfinite(value) and 0 <= value <= 1
            values[name] = values.get(name, True) and share
    return [name for name, counts in values.items() if counts]


def _question(row: Mapping[str, Any]) -> str:
    doc = row["doc"]
    if isinstance(doc, Mapping):
        for column in ASKED_IN:
            if isinstance(doc.get(column), str) and doc[column].strip():
                return str(doc[column])
    return next((str(part) for part in _asked(row, 0)), "")


def _asked(row: Mapping[str, Any], request: int) -> Iterator[Any]:
    """The arguments of a request: the prompt, and a continuation or how it was sampled."""
    arguments = row.get("arguments")
    if isinstance(arguments, Mapping):
        given = arguments.get(f"gen_args_{request}")
        if isinstance(given, Mapping):
            yield from given.values()


def _text(row: Mapping[str, Any]) -> str:
    """What was written, of several samples first; of a choice among given answers the likeliest.

    Filters take the first sample, too, so it is the one that the metric is about.
    """
    samples = next(iter(row["resps"]), None)
    first = next(iter(samples), "") if isinstance(samples, list) else ""
    if isinstance(first, str):
        return first
    likely = [_likelihood(one) for one in row["filtered_resps"]]
    place = max(range(len(likely)), key=likely.__getitem__, default=0)
    return "".join(map(str, [*_asked(row, place)][1:2]))


def _likelihood(given: Any) -> float:
    """The logarithm of a continuation's probability, which is logged as text."""
    while isinstance(given, (list, tuple)) and given:
        given = given[0]
    try:
        return float(given)
    except (TypeError, ValueError):
        return -math.inf
