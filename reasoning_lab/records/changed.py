"""`changed.jsonl`: the problems that changed sides between compared runs, with all answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answered import Reply
from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.lines import json_lines

CHANGED_SIDES = "changed.jsonl"


@dataclass(frozen=True, slots=True)
class ChangedProblem:
    """One problem that some runs have right and others wrong; `replies` are by a run's label."""

    way: str
    id: str
    question: str
    answer: str
    replies: Mapping[str, Sequence[Reply]]

    def score(self, label: str) -> float:
        """How right a run's replies are in the mean, in [0, 1]."""
        scores = [one.score for one in self.replies[label] if one.score is not None]
        return sum(scores) / len(scores)

    @property
    def spread(self) -> float:
        """How far the runs' scores lie apart, in [0, 1]."""
        scores = [self.score(label) for label in self.replies]
        return max(scores) - min(scores)


def write_changed(folder: Path, problems: Sequence[ChangedProblem]) -> None:
    """Write `changed.jsonl` in `folder`; without a problem an empty file."""
    lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in problems]
    write_text(folder / CHANGED_SIDES, "".join(lines))


def read_changed(folder: Path) -> Iterator[ChangedProblem]:
    """What `write_changed` wrote. Raises ArtifactError for a line that is none of it."""
    for where, _, row in json_lines(folder / CHANGED_SIDES):
        yield _changed(where, row)


def _changed(where: str, row: dict[str, Any]) -> ChangedProblem:
    try:
        replies = {
            label: [Reply(**one) for one in given] for label, given in row["replies"].items()
        }
        return ChangedProblem(**{**row, "replies": replies})
    except (KeyError, TypeError, AttributeError) as error:
        what = f"is not a changed problem that the lab writes ({type(error).__name__}: {error})"
        raise ArtifactError.one(where, what, "compare the runs again") from error
