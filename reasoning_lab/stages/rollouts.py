"""`samples.jsonl`: what the model wrote while it trained, with its reward parts.

The file is capped: past `CAP` bytes the older half is dropped, so that a long run keeps its last
steps and never fills the disk.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.runs.atomic import write_text

CAP = 32 * 1024 * 1024  # bytes


class Rollouts:
    """Appends records of sampled completions; on resume forgets what lies past the checkpoint."""

    def __init__(
        self, path: Path, checkpoint: Path | None, cap: int = CAP, *, write: bool = True
    ) -> None:
        """Open `path`; with `write=False` (every rank but the first) nothing is ever written."""
        self.path = path
        self.cap = cap
        self.write = write
        kept = int(checkpoint.name.split("-")[-1]) if checkpoint else 0
        if write and path.exists():
            lines = [line for line in _whole_lines(path) if json.loads(line)["step"] <= kept]
            write_text(path, "".join(line + "\n" for line in lines))

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Add one JSON line a record; a record has at least `step` (1-based), `id`, `text`."""
        if not self.write:
            return
        with self.path.open("a", encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        if self.path.stat().st_size > self.cap:
            lines = _whole_lines(self.path)
            write_text(self.path, "".join(line + "\n" for line in lines[len(lines) // 2 :]))


def _whole_lines(path: Path) -> list[str]:
    """The lines that ended in a newline; a killed run may leave half a line at the end."""
    text = path.read_text(encoding="utf-8")
    return text[: text.rfind("\n") + 1].splitlines()
