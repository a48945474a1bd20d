"""Completions that a training stored, with all that was decided about them.

    samples.1.jsonl.gz, samples.2.jsonl.gz, …   older steps, oldest first
    samples.jsonl                               the newest steps

Each line is one `Rollout`. When `samples.jsonl` is full it is compressed into the next part. When
all of it together is over the cap, every second of the older steps is dropped, over and over: a
long run keeps an even sample of its whole course, and always whole steps, so that groups and
batches can be judged again (`stage=replay`).

Which steps stay when one in n does: those with frac((step - 1) · φ) < 1/n, φ the golden ratio.
Such steps are spread evenly even where completions are sampled only every few steps, each choice
holds the next sparser one, and step 1 is in all of them. No counter needs to survive a resume.
"""

import dataclasses
import gzip
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_bytes, write_text
from reasoning_lab.records.lines import Line, json_lines

SAMPLES = "samples.jsonl"

UNJUDGED = "unjudged"
"""Stands for the verdict of a completion that no term judges."""

PART = 8 * 2**20  # bytes of text before a part is compressed, to about a fifth
CAP = 64 * 2**20  # bytes on the disk, of all parts and the newest file
_GOLDEN = (5**0.5 - 1) / 2
_SPARSEST = 2**16
_PART = re.compile(r"\.(\d+)\.jsonl\.gz")
_OLD = "it was stored by another version of the lab: train again with this one"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One completion with all that was decided about it; its fields are a line's, in their order.

    `step` counts from 1; `group` is the same for the completions of one prompt in one step;
    `advantage` is what the completion was weighed with. `answer` is what the verifier read out of
    the text. None where there is none. `where` is its place, `file:line`; it is not written.
    """

    step: int
    id: str
    task: str | None = None
    question: str
    gold: str
    text: str
    tokens: int
    finish: str
    parts: dict[str, float | None]
    total: float | None
    verdict: str | None = None
    reason: str = ""
    answer: str | None = None
    group: int | str | None = None
    advantage: float | None = None
    where: str = dataclasses.field(default="", compare=False)


_FIELDS = [field for field in dataclasses.fields(Rollout) if field.name != "where"]
_NEEDED = [field.name for field in _FIELDS if field.default is dataclasses.MISSING]


def rollout_row(one: Rollout) -> dict[str, Any]:
    """What is written of it, in the file's order."""
    return {field.name: getattr(one, field.name) for field in _FIELDS}


def rollout_of(where: str, row: dict[str, Any]) -> Rollout:
    """The completion that `row` says. Raises ArtifactError if it says none."""
    missing = [name for name in _NEEDED if name not in row]
    if missing:
        raise ArtifactError.one(where, f"has no {', '.join(missing)}", _OLD)
    try:
        return Rollout(
            step=int(row["step"]),
            id=str(row["id"]),
            task=row.get("task"),
            question=str(row["question"]),
            gold=str(row["gold"]),
            text=str(row["text"]),
            tokens=int(row["tokens"]),
            finish=str(row["finish"]),
            parts={str(name): _number(value) for name, value in row["parts"].items()},
            total=_number(row["total"]),
            verdict=row.get("verdict"),
            reason=str(row.get("reason") or ""),
            answer=row.get("answer"),
            group=row.get("group"),
            advantage=_number(row.get("advantage")),
            where=where,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ArtifactError.one(where, f"is not a stored completion: {error}", _OLD) from error


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def has_rollouts(samples: Path) -> bool:
    """Whether a completion is stored in `samples` (`…/samples.jsonl`) or its parts."""
    return bool(part_files(samples)) or (samples.is_file() and samples.stat().st_size > 0)


def read_rollouts(samples: Path) -> Iterator[Rollout]:
    """All stored completions, oldest first, without those that a kill left in two files.

    Raises ArtifactError for a line that the lab did not write, and for a damaged part.
    """
    first = next((row["step"] for _, _, row in _lines(samples)), math.inf)
    for part in part_files(samples):
        for where, _, row in _lines(part):
            # A kill between writing a part and emptying the file leaves these steps in both.
            if row["step"] < first:
                yield rollout_of(where, row)
    yield from newest_rollouts(samples, None)


def newest_rollouts(samples: Path, size: int | None = PART) -> Iterator[Rollout]:
    """Those that begin in the last `size` bytes of the file that is no part; errors as above."""
    for where, _, row in _lines(samples, size):
        yield rollout_of(where, row)


def write_rollouts(samples: Path, chosen: Iterable[Rollout]) -> None:
    """Replace the file by `chosen`, in one step."""
    write_text(samples, "".join(map(_line, chosen)))


def part_files(samples: Path) -> list[Path]:
    """The compressed parts that stand beside `samples`, oldest first."""
    return sorted(samples.parent.glob(f"{samples.stem}.*.jsonl.gz"), key=_part_number)


def _part_number(part: Path) -> int:
    """The N of `samples.N.jsonl.gz`; 0 for a file of another name."""
    match = _PART.search(part.name)
    return int(match[1]) if match else 0


def _lines(file: Path, newest: int | None = None) -> Iterator[Line]:
    for where, raw, row in json_lines(file, newest):
        if not isinstance(row.get("step"), int):
            raise ArtifactError.one(where, "is not a stored completion", "delete the line")
        yield where, raw, row


def _line(one: Rollout) -> str:
    return json.dumps(rollout_row(one), ensure_ascii=False) + "\n"


class RolloutFile:
    """The writer: appends what was sampled; on resume forgets what lies past the checkpoint."""

    def __init__(
        self,
        path: Path,
        last: int,
        *,
        part: int = PART,
        cap: int = CAP,
        write: bool = True,
        gather: Callable[[list[Rollout]], list[Rollout]] | None = None,
    ) -> None:
        """Open `path` for the steps after `last` (below 1: all); what is there of them goes.

        With `write=False` (every rank but the first) nothing is ever written. `gather` puts the
        completions of all ranks together in the ranks' order, on every one of them; each rank must
        append as often as the others, for it waits for them.
        The disk holds at most `cap` bytes, and one step more.
        """
        self._path = path
        self._part = part
        self._cap = cap
        self._write = write
        self._gather = gather
        self._every = 1
        self._step: int | None = None
        if write:
            _forget(path, last)

    def append(self, sampled: Sequence[Rollout]) -> None:
        """Add one line each; all are of one step."""
        if self._gather is not None:  # before any rank leaves: all of them wait for each other
            sampled = self._gather(list(sampled))
        if not (self._write and sampled):
            return
        new_step = sampled[0].step != self._step
        if new_step and self._path.is_file() and self._path.stat().st_size >= self._part:
            self._rotate()
        self._step = sampled[0].step
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(map(_line, sampled))

    def _rotate(self) -> None:
        """Compress the newest file into a part of its own, and keep to the cap."""
        parts = part_files(self._path)
        number = 1 + (_part_number(parts[-1]) if parts else 0)
        new = self._path.with_name(f"{self._path.stem}.{number}.jsonl.gz")
        _keep(self._path, new, self._every)
        write_bytes(self._path, b"")
        # The newest file needs its own room; what it was compressed from is gone by now.
        while _size(part_files(self._path)) > self._cap - self._part and self._every < _SPARSEST:
            self._every *= 2
            for part in part_files(self._path):
                _keep(part, part, self._every)


def is_kept(step: int, every: int) -> bool:
    """Whether `step` is among the one in `every` that stay (`every` a power of two)."""
    return every == 1 or (step - 1) * _GOLDEN % 1 < 1 / every


def _keep(source: Path, part: Path, every: int) -> None:
    """Write the kept steps of `source` to `part`."""
    found = [(raw, row["step"]) for _, raw, row in _lines(source)]
    kept = [raw for raw, step in found if is_kept(step, every)]
    if source != part or len(kept) < len(found):
        _write_part(part, kept)


def _forget(path: Path, last: int) -> None:
    """Drop steps after `last`, half lines, and what a kill left in a part and in the file."""
    newest = [(raw, row["step"]) for _, raw, row in _lines(path)]
    before = min((step for _, step in newest), default=last + 1)
    for part in reversed(part_files(path)):
        found = [(raw, row["step"]) for _, raw, row in _lines(part)]
        kept = [raw for raw, step in found if step <= last and step < before]
        if len(kept) == len(found):
            break
        _write_part(part, kept)
    if path.exists():
        write_bytes(path, b"".join(raw for raw, step in newest if step <= last))


def _write_part(part: Path, kept: Sequence[bytes]) -> None:
    """Replace a part by these lines; no lines, no part."""
    if kept:
        # Level 6 and no time stamp: the same records are the same bytes.
        write_bytes(part, gzip.compress(b"".join(kept), compresslevel=6, mtime=0))
    else:
        part.unlink(missing_ok=True)


def _size(parts: Sequence[Path]) -> int:
    return sum(part.stat().st_size for part in parts)
