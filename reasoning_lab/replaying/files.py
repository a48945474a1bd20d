"""What a replay leaves in its folder: the curve, every completion's reward, the most changed."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.rollout import rollout_row
from reasoning_lab.replaying.figures import Judged, groups_of
from reasoning_lab.rewards.advantage import no_signal

CURVE, REWARDS, CHANGED = "curve.csv", "rewards.csv", "changed.jsonl"
KEPT = 30
"""Completions in `changed.jsonl`, of as many groups."""


class Table:
    """A CSV file with the lines that `rows` makes of a step."""

    def __init__(
        self, file: TextIO, rows: Callable[[Sequence[Judged]], list[dict[str, Any]]]
    ) -> None:
        self._file, self._rows = file, rows
        self._writer: csv.DictWriter[str] | None = None

    def add(self, step: Sequence[Judged]) -> None:
        """Write a step's lines."""
        rows = self._rows(step)
        if self._writer is None:
            self._writer = csv.DictWriter(self._file, list(rows[0]), lineterminator="\n")
            self._writer.writeheader()
        self._writer.writerows(rows)


def curve_rows(step: Sequence[Judged]) -> list[dict[str, Any]]:
    """Of `curve.csv`: a line a step with mean totals and shares of groups without signal."""
    groups = list(groups_of(step))
    row: dict[str, Any] = {
        "step": step[0].stored.step,
        "groups": len(groups),
        "completions": len(step),
    }
    sides = {
        "before": [[one.stored.total for one in group] for group in groups],
        "after": [[one.score.total for one in group] for group in groups],
    }
    for when, totals in sides.items():
        paid = [total for group in totals for total in group if total is not None]
        row[f"total_{when}"] = sum(paid) / len(paid) if paid else ""
        row[f"without_signal_{when}"] = sum(map(no_signal, totals)) / len(groups)
    return [row]


def reward_rows(step: Sequence[Judged]) -> list[dict[str, Any]]:
    """Of `rewards.csv`: a line a completion: totals, advantages and parts, without its text."""
    return [_reward_row(one) for one in step]


def _reward_row(one: Judged) -> dict[str, Any]:
    stored, score = one.stored, one.score
    return {
        "step": stored.step,
        "group": stored.group,
        "id": stored.id,
        "total_before": stored.total,
        "total_after": score.total,
        "advantage_before": one.advantage_before,
        "advantage_after": one.advantage,
        "verdict_before": stored.verdict,
        "verdict_after": None if score.verdict is None else score.verdict.value,
        **{f"after/{name}": value for name, value in score.parts.items()},
    }


class MostChanged:
    """`changed.jsonl`: whole completions whose total changed most, at most one a group."""

    def __init__(self) -> None:
        self._kept: list[tuple[float, Judged]] = []

    def add(self, step: Sequence[Judged]) -> None:
        """Look at a step's completions."""
        for group in groups_of(step):
            change, one = max(((_change(one), one) for one in group), key=lambda pair: pair[0])
            if change > 0:
                self._kept.append((change, one))
        self._kept.sort(key=lambda pair: -pair[0])
        del self._kept[KEPT:]

    def write(self, path: Path) -> None:
        """Write the file, the largest change first; as rollouts are, with `before`."""
        write_text(path, "".join(_line(one) + "\n" for _, one in self._kept))


def _change(one: Judged) -> float:
    return abs((one.score.total or 0.0) - (one.stored.total or 0.0))


def _line(one: Judged) -> str:
    stored, score = one.stored, one.score
    row = rollout_row(stored) | {
        "parts": score.parts,
        "total": score.total,
        "verdict": None if score.verdict is None else score.verdict.value,
        "reason": score.reason,
        "advantage": one.advantage,
        "before": {
            "parts": stored.parts,
            "total": stored.total,
            "verdict": stored.verdict,
            "advantage": one.advantage_before,
        },
    }
    return json.dumps(row, ensure_ascii=False)
