"""A resolved term and how it is called: by row or by group, told the other terms' values or not.

A function that breaks its contract (raises, leaves by `sys.exit`, returns NaN, a string, a list of
another length) is a RewardError which shows the completion. An error that the lab itself raised on
purpose, such as a sandbox that cannot start, says already what is wrong and passes.
"""

from __future__ import annotations

import inspect
import math
import traceback
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from reasoning_lab.errors import LabError, Problem, RewardError
from reasoning_lab.rewards.term import (
    PARTS,
    Judge,
    Measure,
    Parts,
    Prepare,
    RewardFn,
    RowCheck,
    Rows,
    Timed,
    takes_parts,
)
from reasoning_lab.schema.reward import Term as Setting
from reasoning_lab.statistics.interval import Bounds
from reasoning_lab.text.example import Completion, Example

ROUNDING = 1e-9
SHOWN = 600  # characters of a completion in an error


@dataclass(frozen=True)
class Term:
    """A resolved term: its name, its setting, the function behind it and what that declares."""

    name: str
    setting: Setting
    fn: RewardFn
    judge: Judge | None
    row_check: RowCheck | None
    prepare: Prepare | None
    measure: Measure | None
    timed: Timed | None
    per_group: bool
    told: bool
    reads: tuple[str, ...]
    yes_no: bool
    bounds: Bounds | None

    @classmethod
    def of(cls, name: str, setting: Setting, fn: RewardFn) -> Term:
        """The term of a function, with what its decorators declared."""
        declared: dict[str, Any] = vars(fn)
        unless = declared.get("yes_no")  # None: the term did not say that it is one
        yes_no = unless is not None and not setting.params.get(unless)
        return cls(
            name,
            setting,
            fn,
            judge=declared.get("judge"),
            row_check=declared.get("row_check"),
            prepare=declared.get("prepare"),
            measure=declared.get("measure"),
            timed=declared.get("timed"),
            per_group=declared.get("per_group", False),
            told=takes_parts(fn),
            reads=declared.get("reads", ()),
            yes_no=yes_no,
            bounds=(0.0, 1.0) if yes_no else declared.get("within"),
        )

    def judges(self, example: Example) -> bool:
        """Whether the row's task is one of the term's."""
        return self.setting.tasks is None or example.task in self.setting.tasks

    def make_ready(self, rows: Rows) -> None:
        """Let the term prepare for the rows that it judges. Raises RewardError if it breaks."""
        mine = [row for row in rows if self.judges(row[1])]
        if self.prepare is None or not mine:
            return
        try:
            self.prepare(mine, **self.setting.params)
        except LabError:
            raise
        except (Exception, SystemExit) as error:
            completion, example = mine[0]
            what = f"raised {error!r} when preparing {len(mine)} rows, the first"
            raise self._broken(completion, example, what, error) from error

    def measured(self, rows: Rows) -> dict[str, float]:
        """The means of what the term sees of the rows, by `NAME/what`."""
        seen = [one for one in self.seen(rows) if one]
        return {key: sum(one[key] for one in seen) / len(seen) for key in seen[0]} if seen else {}

    def seen(self, rows: Rows) -> list[dict[str, float]]:
        """What the term sees of each row, by `NAME/what`; empty for one that it does not judge."""
        places = [place for place, row in enumerate(rows) if self.judges(row[1])]
        found: list[dict[str, float]] = [{} for _ in rows]
        if self.measure is not None and places:
            told = self.measure([rows[place] for place in places], **self.setting.params)
            for place, one in zip(places, told, strict=True):
                found[place] = {f"{self.name}/{what}": value for what, value in (one or {}).items()}
        return found

    def seconds(self, rows: Rows) -> list[float] | None:
        """How long each row took in `make_ready`; None for a term that does not know."""
        if self.timed is None:
            return None
        mine = [row for row in rows if self.judges(row[1])]
        told = iter(self.timed(mine, **self.setting.params) if mine else ())
        return [(next(told) or 0.0) if self.judges(row[1]) else 0.0 for row in rows]

    def value(self, completion: Completion, example: Example, parts: Parts) -> float | None:
        """The raw value of one row; `parts` are those of the terms before it."""
        if not self.judges(example):
            return None
        more = {PARTS: parts} if self.told else {}
        try:
            value = self.fn(completion, example, **self.setting.params, **more)
        except LabError:
            raise
        except (Exception, SystemExit) as error:
            raise self._broken(completion, example, f"raised {error!r}", error) from error
        return self._checked(value, completion, example)

    def values(
        self, rows: Rows, groups: Sequence[Hashable], parts: Sequence[Parts]
    ) -> list[float | None]:
        """The raw values of a batch, in its order; rows of one key in `groups` belong together."""
        if not self.per_group:
            return [self.value(*row, said) for row, said in zip(rows, parts, strict=True)]
        members: dict[Hashable, list[int]] = {}
        for place, group in enumerate(groups):
            members.setdefault(group, []).append(place)
        values: list[float | None] = [None] * len(rows)
        for places in members.values():
            if self.judges(rows[places[0]][1]):
                said = [parts[place] for place in places]
                for place, value in zip(
                    places, self._of_group([rows[place] for place in places], said), strict=True
                ):
                    values[place] = value
        return values

    def _of_group(self, rows: Rows, parts: Sequence[Parts]) -> list[float | None]:
        completions, (first, example) = [completion for completion, _ in rows], rows[0]
        more = {PARTS: parts} if self.told else {}
        try:
            values = self.fn(completions, example, **self.setting.params, **more)
        except LabError:
            raise
        except (Exception, SystemExit) as error:
            what = f"raised {error!r} for a group of {len(rows)}, the first"
            raise self._broken(first, example, what, error) from error
        if not isinstance(values, (list, tuple)) or len(values) != len(rows):
            got = f"{len(values)} values" if isinstance(values, (list, tuple)) else repr(values)
            what = f"returned {got} for a group of {len(rows)}, not a list of as many, first"
            raise self._broken(first, example, what)
        return [self._checked(v, *row) for v, row in zip(values, rows, strict=True)]

    def _checked(self, value: Any, completion: Completion, example: Example) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            what = f"returned {value!r}, a {type(value).__name__}, not a float or None"
            raise self._broken(completion, example, what)
        if not math.isfinite(value):
            raise self._broken(completion, example, f"returned {value!r}, which is not finite")
        if self.yes_no and value not in (0, 1):
            raise self._broken(completion, example, f"declares yes_no and returned {value!r}")
        if self.bounds is not None and not _inside(value, *self.bounds):
            what = f"declares that it is within {self.bounds} and returned {value!r}"
            raise self._broken(completion, example, what)
        return float(value)

    def _broken(
        self,
        completion: Completion,
        example: Example,
        what: str,
        error: BaseException | None = None,
    ) -> RewardError:
        shown, line = shorten(completion.text), _line(self.fn, error)
        problem = Problem(
            f"reward.terms.{self.name}",
            f"{self.setting.fn}{line} {what} on row {example.id!r} for the completion\n  {shown!r}",
            "a reward returns a finite float, or None where it does not apply; mend the function",
        )
        return RewardError(problem)


def _inside(value: float, low: float, high: float) -> bool:
    """Whether a value is in its range, but for rounding."""
    return low - ROUNDING <= value <= high + ROUNDING


def _line(fn: RewardFn, error: BaseException | None) -> str:
    """The line of the function's own file that raised, as ` (line 12)`; "" where none did."""
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    lines = [frame.lineno for frame in frames if frame.filename == inspect.getfile(fn)]
    return f" (line {lines[-1]})" if lines else ""


def shorten(text: str, limit: int = SHOWN) -> str:
    """`text` with its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} [... {len(text) - 2 * half} characters ...] {text[-half:]}"
