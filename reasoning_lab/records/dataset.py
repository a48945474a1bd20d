"""A data set that a run made: what was kept to learn from, and everything that was not, with why.

    train.parquet      a row for each completion that was kept
    rejected.parquet   a row for each other one, with its reason
    card.json          the counts, and the data that the problems came from
    README.md          the same in words

The files are the same, byte for byte, whenever the rows are: no time or place stands in them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import taking_name, write_json
from reasoning_lab.schema.base import Strict
from reasoning_lab.text.example import Example, Message
from reasoning_lab.text.prompts import question_of

DATASET = "dataset"
TRAIN = "train.parquet"
REJECTED = "rejected.parquet"
CARD = "card.json"
README = "README.md"
_AT_ONCE = 4096
_CURE = "make it again with stage=reject"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A completion that was kept: its problem, with the completion as `response`; which sample of
    the problem it was, its tokens, what the reward paid, and whether the answer was hinted at.
    """

    example: Example
    sample: int
    tokens: int
    reward: float | None
    hinted: bool


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A completion that was not kept, its problem and gold answer, and the one reason."""

    problem: str
    question: str
    answer: str
    sample: int
    text: str
    tokens: int
    reward: float | None
    hinted: bool
    reason: str


class PassRates(Strict):
    """How many problems have a pass rate in a band, which is called `name`."""

    name: str
    problems: int


class DatasetCard(Strict):
    """The counts of a data set, and what it was made of.

    `data` is the data choice that the problems came from: its held-out part is what a training on
    these rows is measured on. `reasons` counts the rejected by reason, `verdicts` all by what the
    reward's judge said. `pass_rates` are those of the samples that were drawn of each problem.
    """

    problems: int
    solved: int
    sampled: int
    kept: int
    hinted: int
    reasons: dict[str, int]
    verdicts: dict[str, int]
    pass_rates: list[PassRates]
    tokens: float | None = Field(description="mean length of the kept completions, in tokens")
    data: dict[str, Any]
    settings: dict[str, Any] = Field(description="the settings under which they were sampled")


def write_rows(
    folder: Path, kept: Iterable[KeptRow], rejected: Iterable[RejectedRow], card: DatasetCard
) -> None:
    """Write both tables and the card into `folder`, each in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(folder / TRAIN, _KEPT, map(_kept, kept))
    _write_table(folder / REJECTED, _REJECTED, map(_rejected, rejected))
    write_json(folder / CARD, card.model_dump(mode="json"))


def read_card(folder: Path) -> DatasetCard:
    """The card of a data set. Raises ArtifactError where there is none."""
    try:
        return DatasetCard.model_validate_json((folder / CARD).read_bytes())
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise ArtifactError.one(str(folder / CARD), what, _CURE) from error
    except ValidationError as error:
        what = "is not the card of a data set, or one of another version of the lab"
        raise ArtifactError.one(str(folder / CARD), what, _CURE) from error


def read_kept(folder: Path) -> Iterator[KeptRow]:
    """The rows that were kept, in their order. Raises ArtifactError where the file is damaged."""
    for row in _read_table(folder / TRAIN):
        example = Example(
            id=row["id"],
            prompt=tuple(Message(role=t["role"], content=t["content"]) for t in row["prompt"]),
            answer=row["answer"],
            task=row["task"],
            tests=tuple(json.loads(row["tests"])),
            meta=json.loads(row["meta"]),
            response=row["response"],
        )
        yield KeptRow(example, row["sample"], row["tokens"], row["reward"], row["hinted"])


def read_rejected(folder: Path) -> Iterator[RejectedRow]:
    """The rows that were not kept, in their order. Raises ArtifactError as `read_kept` does."""
    for row in _read_table(folder / REJECTED):
        yield RejectedRow(**row)


_KEPT: Sequence[tuple[str, str]] = (
    ("id", "text"),
    ("question", "text"),
    ("prompt", "turns"),
    ("response", "text"),
    ("answer", "text"),
    ("task", "text"),
    ("tests", "text"),
    ("meta", "text"),
    ("sample", "whole"),
    ("tokens", "whole"),
    ("reward", "number"),
    ("hinted", "yes or no"),
)
_REJECTED: Sequence[tuple[str, str]] = (
    ("problem", "text"),
    ("question", "text"),
    ("answer", "text"),
    ("sample", "whole"),
    ("text", "text"),
    ("tokens", "whole"),
    ("reward", "number"),
    ("hinted", "yes or no"),
    ("reason", "text"),
)


def _kept(row: KeptRow) -> Mapping[str, Any]:
    one = row.example
    return {
        "id": one.id,
        "question": question_of(one),
        "prompt": list(one.prompt),
        "response": one.response,
        "answer": one.answer,
        "task": one.task,
        "tests": json.dumps(list(one.tests), ensure_ascii=False),
        "meta": json.dumps(one.meta, ensure_ascii=False),
        "sample": row.sample,
        "tokens": row.tokens,
        "reward": row.reward,
        "hinted": row.hinted,
    }


def _rejected(row: RejectedRow) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name, _ in _REJECTED}


def _write_table(
    path: Path, columns: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Any]]
) -> None:
    # 0.1 seconds to import, and only verbs that make or read data sets need it.
    import pyarrow
    import pyarrow.parquet

    turn = pyarrow.struct([("role", pyarrow.string()), ("content", pyarrow.string())])
    kinds = {
        "text": pyarrow.string(),
        "turns": pyarrow.list_(turn),
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "yes or no": pyarrow.bool_(),
    }
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns])
    with taking_name(path) as file, pyarrow.parquet.ParquetWriter(file, schema) as writer:
        coming = iter(rows)
        while some := list(islice(coming, _AT_ONCE)):
            writer.write_table(pyarrow.Table.from_pylist(some, schema))


def _read_table(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            for batch in table.iter_batches(_AT_ONCE):
                yield from batch.to_pylist()
    except OSError as error:
        raise ArtifactError.one(str(path), f"cannot be read ({error.strerror})", _CURE) from error
    except pyarrow.ArrowException as error:
        raise ArtifactError.one(str(path), f"is damaged: {error}", _CURE) from error
