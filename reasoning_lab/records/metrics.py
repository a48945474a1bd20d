"""`metrics.jsonl`: one JSON object a line, `{"step": 3, "train/loss": 0.1}`.

Each line is written in one go as it is measured, so a killed run loses at most a torn last line,
which readers pass over and the next writer cuts off. Not-a-number is written as `NaN`, which
Python reads back: a loss that broke must stay visible.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.atomic import write_text

Row = dict[str, float]


class MetricsFile:
    """The writer. Open it only in the one process that logs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _cut_torn_line(path)
        self._kept = {json.dumps(row, sort_keys=True) for row in read_metrics(path)}
        self._file = path.open("a", encoding="utf-8", newline="\n", buffering=1)

    def append(self, step: int, metrics: Mapping[str, float]) -> bool:
        """Write a line; False if an earlier life of this run wrote the very same line.

        A resumed run measures anew what it measured before its first step, and that must not
        stand in the file twice.
        """
        row = {"step": step, **{name: float(value) for name, value in metrics.items()}}
        if json.dumps(row, sort_keys=True) in self._kept:
            return False
        self._file.write(json.dumps(row) + "\n")
        return True

    def rewind(self, step: int) -> None:
        """Drop every line after `step` (-1: all), as a run that resumes there writes them anew."""
        rows = read_metrics(self._path)
        kept = [row for row in rows if row["step"] <= step]
        self._kept = {json.dumps(row, sort_keys=True) for row in kept}
        if len(kept) == len(rows):
            return
        self._file.close()
        write_text(self._path, "".join(json.dumps(row) + "\n" for row in kept))
        self._file = self._path.open("a", encoding="utf-8", newline="\n", buffering=1)

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._file.close()


def read_metrics(path: Path) -> list[Row]:
    """All whole lines in order, `step` an int; empty if there is no file.

    Raises ArtifactError for a line, other than a torn last one, that is not a metrics line.
    """
    return list(_rows(path))


def _rows(path: Path) -> Iterator[Row]:
    if not path.exists():
        return
    *lines, _torn = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("step"), int):
            raise ArtifactError.one(
                f"{path}:{number}", "is not a line of metrics", "restore or remove the file"
            )
        yield row


def _cut_torn_line(path: Path) -> None:
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
