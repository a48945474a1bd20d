"""What the model wrote while it trained, with its reward parts: written, rotated, thinned.

The newest steps lie whole in `samples.jsonl`. When it is full it is compressed into the next
`samples.N.jsonl.gz`. When all of it together is over the cap, every second of the older steps is
dropped, over and over: a long run keeps an even sample of its whole course, and always whole
steps, so that groups and batches can be judged again (`stage=replay`).

Which steps stay when one in n does: those with frac((step - 1) · φ) < 1/n, φ the golden ratio.
Such steps are spread evenly even where completions are sampled only every few steps, each choice
holds the next sparser one, and step 1 is in all of them. No counter needs to survive a resume.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.records.rollout import lines, part_files, part_number
from reasoning_lab.runs.atomic import write_bytes

Records = list[dict[str, Any]]
PART = 8 * 2**20  # bytes of text before a part is compressed, to about a fifth
CAP = 64 * 2**20  # bytes on the disk, of all parts and the newest file
_GOLDEN = (5**0.5 - 1) / 2
_SPARSEST = 2**16


class Rollouts:
    """Appends records of sampled completions; on resume forgets what lies past the checkpoint."""

    def __init__(
        self,
        path: Path,
        checkpoint: Path | None,
        *,
        part: int = PART,
        cap: int = CAP,
        write: bool = True,
        gather: Callable[[Records], Records] | None = None,
    ) -> None:
        """Open `path`; with `write=False` (every rank but the first) nothing is ever written.

        `gather` puts the records of all ranks together in the ranks' order, on every one of them;
        each rank must append as often as the others, for it waits for them.
        The disk holds at most `cap` bytes, and one step more.
        """
        self.path = path
        self.part = part
        self.cap = cap
        self.write = write
        self.gather = gather
        self._every = 1
        self._step: int | None = None
        if write:
            _forget(path, int(checkpoint.name.split("-")[-1]) if checkpoint else 0)

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Add one JSON line a record; all are of one step (`step`, counted from 1)."""
        if self.gather is not None:  # before any rank leaves: all of them wait for each other
            records = self.gather(list(records))
        if not (self.write and records):
            return
        new_step = records[0]["step"] != self._step
        if new_step and self.path.is_file() and self.path.stat().st_size >= self.part:
            self._rotate()
        self._step = records[0]["step"]
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    def _rotate(self) -> None:
        """Compress the newest file into a part of its own, and keep to the cap."""
        parts = part_files(self.path)
        number = 1 + (part_number(parts[-1]) if parts else 0)
        new = self.path.with_name(f"{self.path.stem}.{number}.jsonl.gz")
        _keep(self.path, new, self._every)
        write_bytes(self.path, b"")
        # The newest file needs its own room; what it was compressed from is gone by now.
        while _size(part_files(self.path)) > self.cap - self.part and self._every < _SPARSEST:
            self._every *= 2
            for part in part_files(self.path):
                _keep(part, part, self._every)


def is_kept(step: int, every: int) -> bool:
    """Whether `step` is among the one in `every` that stay (`every` a power of two)."""
    return every == 1 or (step - 1) * _GOLDEN % 1 < 1 / every


def _keep(source: Path, part: Path, every: int) -> None:
    """Write the kept steps of `source` to `part`; remove the part where none is left."""
    everything = [(raw, is_kept(row["step"], every)) for _, raw, row in lines(source)]
    kept = [raw for raw, stays in everything if stays]
    if not kept:
        part.unlink(missing_ok=True)
    elif source != part or len(kept) < len(everything):
        write_bytes(part, _packed(kept))


def _forget(path: Path, last: int) -> None:
    """Drop steps after `last`, half lines, and what a kill left in a part and in the file."""
    newest = [(raw, row["step"]) for _, raw, row in lines(path)]
    before = min((step for _, step in newest), default=last + 1)
    for part in reversed(part_files(path)):
        found = [(raw, row["step"]) for _, raw, row in lines(part)]
        kept = [raw for raw, step in found if step <= last and step < before]
        if len(kept) == len(found):
            break
        if kept:
            write_bytes(part, _packed(kept))
        else:
            part.unlink()
    if path.exists():
        write_bytes(path, b"".join(raw for raw, step in newest if step <= last))


def _packed(kept: Sequence[bytes]) -> bytes:
    # Level 6 and no time stamp: the same records are the same bytes.
    return gzip.compress(b"".join(kept), compresslevel=6, mtime=0)


def _size(parts: Sequence[Path]) -> int:
    return sum(part.stat().st_size for part in parts)
