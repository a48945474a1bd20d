"""Readers: functions that turn a row of a data set into an `Example`.

A reader takes the row and the id that the example shall have, and raises `RowError` for a row that
it cannot read; the file and line are added by the caller. For a row that is whole but cannot serve
it raises `Unfit`. Any function of an installed package can be one, through the entry point group
`reasoning_lab.readers`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from reasoning_lab.text.example import Example

Row = Mapping[str, Any]
Reader = Callable[[Row, str], Example]

_CALCULATOR = re.compile(r"<<[^<>\n]*>>")


class RowError(ValueError):
    """A row cannot be read: `what` is wrong and its `cure`."""

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


class Unfit(RowError):
    """A row is whole but cannot serve, for the reason given: it is dropped, and counted."""


def missing_columns(row: Row, names: Sequence[str]) -> RowError:
    """What to say of a row that lacks columns."""
    have = ", ".join(f"`{key}`" for key in row) or "none"
    said = " and no ".join(f"column `{name}`" for name in names)
    how = " ".join(f"data.columns.{name}=COLUMN" for name in names)
    which = "which it is" if len(names) == 1 else "which they are"
    return RowError(f"no {said}", f"its columns: {have}; say {which}: {how}")


def column(row: Row, name: str) -> str:
    """The text in a column. Raises RowError if it is missing, not text, or blank."""
    if name not in row:
        raise missing_columns(row, [name])
    value = row[name]
    if value is None:
        raise RowError(f"column `{name}` is null", "give it a text, or leave the row out")
    if not isinstance(value, str):
        raise RowError(f"column `{name}` holds {type(value).__name__}, not text")
    if not value.strip():
        raise RowError(f"column `{name}` is empty")
    return value


def number(text: str) -> str:
    """A plain number without thousands separators. Raises RowError for anything else."""
    plain = text.strip().replace(",", "")
    try:
        finite = Decimal(plain).is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise RowError(f"the gold answer is not a number: {text.strip()[:60]!r}")
    return plain


def gsm8k(row: Row, name: str) -> Example:
    """GSM8K (arXiv:2110.14168): `answer` is a worked solution, then `#### number`.

    The solution, less its `<<2*3=6>>` calculator marks, becomes the trace.
    """
    question, answer = column(row, "question"), column(row, "answer")
    solution, mark, gold = answer.rpartition("####")
    if not mark:
        raise RowError("column `answer` has no `####` before the number", "is this GSM8K?")
    return Example(
        id=name,
        prompt=({"role": "user", "content": question.strip()},),
        answer=number(gold),
        trace=_CALCULATOR.sub("", solution).strip() or None,
        meta={"source": "gsm8k"},
    )


def question_answer(row: Row, name: str) -> Example:
    """Columns `question` and `answer`, and `trace` (worked steps) where there is one.

    Numbers in `answer` are taken as text.
    """
    answer = row.get("answer")
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        row = {**row, "answer": str(answer)}
    return Example(
        id=name,
        prompt=({"role": "user", "content": column(row, "question").strip()},),
        answer=column(row, "answer").strip(),
        trace=column(row, "trace").strip() if row.get("trace") is not None else None,
    )
