"""Which problems are held out: decided by the problem's own text, never by the order of a draw.

A problem is held out iff a hash of its normalised question falls into the held-out tenth. So
no seed, size, parameter, mixture or later run can train on a problem that any run tests on. A
source with a test split of its own keeps that, and a test set is held out as a whole (`data.rows`).
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from reasoning_lab.errors import DataError
from reasoning_lab.text.example import Example

HELDOUT_PERCENT = 10


Told = Callable[[int], None]
"""Who is told how many more rows are done."""


@dataclass(frozen=True, slots=True)
class Splits:
    """A loaded data set. No question stands in both lists."""

    train: list[Example]
    heldout: list[Example]


def to_measure(heldout: Sequence[Example], problems: int | None) -> Sequence[Example]:
    """The first `problems` held-out ones, or all; raises DataError where there are fewer."""
    if problems is not None and problems > len(heldout):
        key = "stage.evaluation.problems"
        raise DataError.one(
            key,
            f"asks for {problems:,} held-out problems, there are {len(heldout):,}",
            f"use {key}=null for all of them",
        )
    return heldout[:problems]


def key(question: str) -> int:
    """A 64-bit hash of the question, the same on every machine and in every process.

    Unicode is composed (NFC) and white space collapsed, so a problem that was merely laid out
    anew is the same problem. Case is kept: `a` and `A` may be different problems.
    """
    normal = " ".join(unicodedata.normalize("NFC", question).split())
    return int.from_bytes(blake2b(normal.encode(errors="replace"), digest_size=8).digest(), "big")


def is_heldout(question_key: int) -> bool:
    """Whether the problem with this key belongs to the held-out tenth."""
    return question_key % 100 < HELDOUT_PERCENT
