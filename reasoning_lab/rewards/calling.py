"""A resolved term and how it is called: by row, by group or by batch.

A function that breaks its contract (raises, leaves by `sys.exit`, returns NaN, a string, a list of
another length) is a RewardError which shows the completion. An error that the lab itself raised on
purpose, such as a sandbox that cannot start, says already what is wrong and passes.
"""

import inspect
import math
import traceback
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from reasoning_lab.errors import LabError, Problem, RewardError
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.rewards.term import (
    PARTS,
    RATE,
    SANDBOXES,
    Judgement,
    Parts,
    RewardFn,
    RowCheck,
    Rows,
    Said,
    Unit,
    resolve,
    takes,
    value_of,
)
from reasoning_lab.schema.reward import Term as Setting
from reasoning_lab.statistics.interval import Bounds
from reasoning_lab.text.example import Completion, Example

ROUNDING = 1e-9
SHOWN = 600  # characters of a completion in an error


@dataclass(frozen=True)
class Term:
    """A resolved term: its name, its setting, the function behind it, the keyword arguments that it
    is called with (but for `parts`), and what it declares.
    """

    name: str
    setting: Setting
    fn: RewardFn
    given: Mapping[str, Any]
    row_check: RowCheck | None
    row_note: RowCheck | None
    unit: Unit
    told: bool
    reads: tuple[str, ...]
    yes_no: bool
    bounds: Bounds | None

    @classmethod
    def of(cls, name: str, setting: Setting, fn: RewardFn, sandboxes: Sandboxes) -> "Term":
        """The term of a function, with what its decorators declared."""
        declared: dict[str, Any] = vars(fn)
        unless = declared.get("yes_no")  # None: the term did not say that it is one
        yes_no = unless is not None and not setting.params.get(unless)
        more = {SANDBOXES: sandboxes} if takes(fn, SANDBOXES) else {}
        return cls(
            name,
            setting,
            fn,
            given={**setting.params, **more},
            row_check=declared.get("row_check"),
            row_note=declared.get("row_note"),
            unit=declared.get("unit", "row"),
            told=takes(fn, PARTS),
            reads=declared.get("reads", ()),
            yes_no=yes_no,
            bounds=(0.0, 1.0) if yes_no else declared.get("within"),
        )

    def judges(self, example: Example) -> bool:
        """Whether the row's task is one of the term's."""
        return self.setting.tasks is None or example.task in self.setting.tasks

    def call(self, rows: Rows, parts: Sequence[Parts]) -> Any:
        """What the function itself says of a batch, of a group or of one row; it may raise."""
        more: dict[str, Any] = {PARTS: parts} if self.told else {}
        if self.unit == "batch":
            return self.fn(rows, **self.given, **more)
        if self.unit == "group":
            written = [completion for completion, _ in rows]
            return self.fn(written, rows[0][1], **self.given, **more)
        if self.told:
            more[PARTS] = parts[0]
        return self.fn(*rows[0], **self.given, **more)

    def of_row(self, row: tuple[Completion, Example], parts: Parts) -> Said:
        """What it says of one row; `parts` are those of the terms before it."""
        return self._asked([row], [parts])[0] if self.judges(row[1]) else None

    def of_batch(
        self, rows: Rows, groups: Sequence[Hashable], parts: Sequence[Parts]
    ) -> list[Said]:
        """What it says of each row; rows of one key in `groups` belong together."""
        if self.unit == "row":
            return [self.of_row(row, said) for row, said in zip(rows, parts, strict=True)]
        found: list[Said] = [None] * len(rows)
        for places in self._together(rows, groups):
            begun = perf_counter()
            asked = self._asked([rows[place] for place in places], [parts[p] for p in places])
            if self.unit == "batch":
                asked = _timed(asked, perf_counter() - begun)
            for place, said in zip(places, asked, strict=True):
                found[place] = said
        return found

    def _together(self, rows: Rows, groups: Sequence[Hashable]) -> Collection[list[int]]:
        """The places of the rows of each call."""
        members: dict[Hashable, list[int]] = {}
        for place, (row, group) in enumerate(zip(rows, groups, strict=True)):
            if self.judges(row[1]):
                members.setdefault(group if self.unit == "group" else None, []).append(place)
        return members.values()

    def _asked(self, rows: Rows, parts: Sequence[Parts]) -> list[Said]:
        """What one call says of each of its rows, checked."""
        try:
            said = self.call(rows, parts)
        except LabError:
            raise
        except (Exception, SystemExit) as error:
            many = "" if self.unit == "row" else f" for a {self.unit} of {len(rows)}, the first"
            raise self._broken(rows[0], f"raised {error!r}{many}", error) from error
        if self.unit == "row":
            return [self._checked(said, rows[0])]
        if not isinstance(said, (list, tuple)) or len(said) != len(rows):
            got = f"{len(said)} values" if isinstance(said, (list, tuple)) else repr(said)
            what = f"returned {got} for a {self.unit} of {len(rows)}, not a list of as many, first"
            raise self._broken(rows[0], what)
        return [self._checked(one, row) for one, row in zip(said, rows, strict=True)]

    def _checked(self, said: Any, row: tuple[Completion, Example]) -> Said:
        value: Any = value_of(said)
        if isinstance(said, Judgement):
            for name, number in said.seen.items():
                if not _is_number(number) or (name.endswith(RATE) and number not in (0, 1)):
                    raise self._broken(row, f"saw {name}={number!r}")
        if value is None:
            return said if isinstance(said, Judgement) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            what = f"returned {value!r}, a {type(value).__name__}, not a float or None"
            raise self._broken(row, what)
        if not math.isfinite(value):
            raise self._broken(row, f"returned {value!r}, which is not finite")
        if self.yes_no and value not in (0, 1):
            raise self._broken(row, f"declares yes_no and returned {value!r}")
        if self.bounds is not None and not _inside(value, *self.bounds):
            what = f"declares that it is within {self.bounds} and returned {value!r}"
            raise self._broken(row, what)
        if not isinstance(said, Judgement):
            return float(value)
        return said if isinstance(value, float) else replace(said, value=float(value))

    def _broken(
        self, row: tuple[Completion, Example], what: str, error: BaseException | None = None
    ) -> RewardError:
        completion, example = row
        shown = shorten(completion.text)
        problem = Problem(
            f"reward.terms.{self.name}",
            f"{self._blamed(error)} {what} on row {example.id!r} for the completion\n  {shown!r}",
            "a reward returns a finite float, or None where it does not apply; mend the function",
        )
        return RewardError(problem)

    def _blamed(self, error: BaseException | None) -> str:
        """The function that failed, with its line: that which the term calls, if it was there."""
        called = self.setting.params.get(vars(self.fn).get("calls", ""))
        if called is not None and (line := _line(resolve(str(called)), error)):
            return f"{called}{line}"
        return f"{self.setting.fn}{_line(self.fn, error)}"


def _timed(asked: Sequence[Said], seconds: float) -> list[Said]:
    """Judgements that say how long each row took: where the term does not know, its share."""
    known = any(isinstance(said, Judgement) and said.seconds is not None for said in asked)
    share = None if known else seconds / max(1, len(asked))
    found: list[Said] = []
    for said in asked:
        if not isinstance(said, Judgement):
            found.append(Judgement(said, seconds=share))
        else:
            found.append(said if known else replace(said, seconds=share))
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


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
