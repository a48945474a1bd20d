r"""Sets of real numbers from intervals, inequalities and unions, in one normal form.

`x>3`, `3<x`, `(3,\infty)` and `x\in(3,\infty)` are one set, as are `[1,2]\cup[2,3]` and `[1,3]`.
Ends are constants; with variables in them there is no normal form here (None).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reasoning_lab.judges.math.expression import same_value, value
from reasoning_lab.judges.math.expression_exact import UndefinedError, variables
from reasoning_lab.judges.math.expression_numeric import UndecidedError, context
from reasoning_lab.judges.math.expression_parse import read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.shape import Shape, shape

_NAME = re.compile(
    r"[A-Za-z](?:_\w|_\{\w{1,8}\})?(?:\([A-Za-z](?:, ?[A-Za-z]){0,3}\))?|\\[a-z]{2,8}"
)
_DISTANCE = re.compile(r"\|([A-Za-z])([-+][^|]{1,40})?\|")
_FLIP = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!=", "=": "="}


class NoSetError(Exception):
    """The text does not describe a set of reals that this module can compute with."""


@dataclass(frozen=True)
class End:
    """One end of a piece: `at` is a number, or None for an infinite end."""

    at: Any
    closed: bool


Piece = tuple[End, End]


@dataclass(frozen=True)
class RealSet:
    """Disjoint pieces in order; `name` is the variable it was written with, "" if none."""

    pieces: tuple[Piece, ...]
    name: str = ""


@lru_cache(maxsize=8192)
def real_set(form: str) -> RealSet | None:
    """The set that `form` describes, or None. Never raises."""
    try:
        return _build(shape(form), form, 0)
    except (NoSetError, UndefinedError, UndecidedError, TooBigError):
        return None


def same_set(left: RealSet, right: RealSet) -> bool:
    """Whether two sets have the same pieces with the same ends."""
    return len(left.pieces) == len(right.pieces) and all(
        a.closed == b.closed and _same(a.at, b.at)
        for one, other in zip(left.pieces, right.pieces, strict=True)
        for a, b in zip(one, other, strict=True)
    )


_LINE: tuple[Piece, ...] = ((End(None, False), End(None, False)),)


def _build(kind: Shape, form: str, depth: int) -> RealSet:
    if depth > 4:
        raise NoSetError
    parts, signs = kind.parts, kind.signs
    if kind.kind == "reals":
        return RealSet(_LINE)
    if kind.kind in ("tuple", "bracket", "half") and len(parts) == 2:
        left, right = signs or (("(", ")") if kind.kind == "tuple" else ("[", "]"))
        return _merged([_piece(parts[0], left == "[", parts[1], right == "]")])
    if kind.kind == "set":
        return _merged([(End(at, True), End(at, True)) for at in map(_number, parts)])
    if kind.kind in ("union", "meet"):
        sets = [_build(shape(part), part, depth + 1) for part in parts]
        return _union(sets) if kind.kind == "union" else _meet(sets)
    if kind.kind == "minus" and len(parts) == 2:
        whole, less = (_build(shape(part), part, depth + 1) for part in parts)
        return _without(whole, less)
    if kind.kind == "builder":
        return RealSet(_build(shape(parts[1]), parts[1], depth + 1).pieces)
    if kind.kind == "relation":
        return _relation(parts, signs, depth)
    if kind.kind == "list" and all(_is_condition(part) for part in parts):
        sets = [_build(shape(part), part, depth + 1) for part in parts]
        return _meet(sets) if "and" in signs else _union(sets)
    raise NoSetError(form)


def _is_condition(form: str) -> bool:
    kind = shape(form)
    return kind.kind == "relation" and not {"=", "mod", "~"} & set(kind.signs)


def _relation(parts: tuple[str, ...], signs: tuple[str, ...], depth: int) -> RealSet:
    r"""`x>3`, `1<x\le2`, `x\ne3`, `x\in S`."""
    if signs in (("in",), ("notin",)) and _NAME.fullmatch(parts[0]):
        inner = _build(shape(parts[1]), parts[1], depth + 1)
        inner = inner if signs == ("in",) else _without(RealSet(_LINE), inner)
        return RealSet(inner.pieces, parts[0])
    if len(parts) == 2:
        if not _NAME.fullmatch(parts[0]) and not _DISTANCE.fullmatch(parts[0]):
            parts, signs = (parts[1], parts[0]), (_FLIP.get(signs[0], ""),)
        if match := _DISTANCE.fullmatch(parts[0]):
            return RealSet(_around(match[2] or "0", signs[0], parts[1]), match[1])
        return RealSet(_side(parts[0], signs[0], parts[1]), parts[0])
    if len(parts) == 3:
        low, high = parts[0], parts[2]
        if {*signs} <= {">", ">="}:
            low, high, signs = high, low, (_FLIP[signs[1]], _FLIP[signs[0]])
        if {*signs} <= {"<", "<="} and (match := _DISTANCE.fullmatch(parts[1])):
            middle, outside = match[2] or "0", _FLIP[signs[0]]
            sides = (_around(middle, outside, low), _around(middle, signs[1], high))
            return RealSet(_meet([RealSet(side) for side in sides]).pieces, match[1])
        if {*signs} <= {"<", "<="} and _NAME.fullmatch(parts[1]):
            return RealSet(
                _merged([_piece(low, signs[0] == "<=", high, signs[1] == "<=")]).pieces, parts[1]
            )
    raise NoSetError


def _side(name: str, sign: str, bound: str) -> tuple[Piece, ...]:
    if not _NAME.fullmatch(name):
        raise NoSetError
    at, free = _number(bound), End(None, False)
    if sign in ("<", "<="):
        return ((free, End(at, sign == "<=")),)
    if sign in (">", ">="):
        return ((End(at, sign == ">="), free),)
    if sign == "!=":
        return ((free, End(at, False)), (End(at, False), free))
    raise NoSetError


def _around(middle: str, sign: str, radius: str) -> tuple[Piece, ...]:
    """The numbers nearer to (or farther from) minus the `middle` than the radius."""
    centre, size = _number(f"-({middle})"), _number(radius)
    if sign not in ("<", "<=", ">", ">=") or not (_key(size) > 0):
        raise NoSetError
    low, high = End(centre - size, "=" in sign), End(centre + size, "=" in sign)
    if sign in ("<", "<="):
        return ((low, high),)
    return ((End(None, False), low), (high, End(None, False)))


def _piece(low: str, low_closed: bool, high: str, high_closed: bool) -> Piece:
    left = End(None, False) if _infinite(low) == -1 else End(_number(low), low_closed)
    right = End(None, False) if _infinite(high) == 1 else End(_number(high), high_closed)
    if (low_closed and left.at is None) or (high_closed and right.at is None):
        raise NoSetError  # [-∞ is no end of a set of reals
    return left, right


def _infinite(form: str) -> int:
    """1 for ∞, -1 for -∞, else 0."""
    bare = form.strip().replace("\\infty", "∞").replace(" ", "")
    return {"∞": 1, "+∞": 1, "-∞": -1, "inf": 1, "-inf": -1, "infinity": 1}.get(bare, 0)


def _number(form: str) -> Any:
    tree = read(form)
    if isinstance(tree, str) or variables(tree):
        raise NoSetError
    found = value(tree, {})
    if context().im(_key(found)):
        raise NoSetError
    return found


def _key(number: Any) -> Any:
    """A number that orders with others."""
    mp = context()
    return mp.mpf(number.numerator) / number.denominator if hasattr(number, "numerator") else number


def _same(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return same_value(left, right) is True


def _less(left: Any, right: Any) -> bool:
    return not _same(left, right) and bool(_key(left) < _key(right))


def _merged(pieces: list[Piece]) -> RealSet:
    """Pieces in order, with those joined that touch or overlap."""
    for low, high in pieces:
        if low.at is not None and high.at is not None:
            empty = _same(low.at, high.at) and not (low.closed and high.closed)
            if _less(high.at, low.at) or empty:
                raise NoSetError
    infinite = float("-inf")
    ordered = sorted(pieces, key=lambda p: infinite if p[0].at is None else _key(p[0].at))
    found: list[Piece] = []
    for low, high in ordered:
        if found and _touch(found[-1][1], low):
            start, end = found.pop()
            first = low if _same(start.at, low.at) and low.closed else start
            found.append((first, _later(end, high)))
        else:
            found.append((low, high))
    return RealSet(tuple(found))


def _touch(end: End, start: End) -> bool:
    if end.at is None or start.at is None:
        return True
    if _same(end.at, start.at):
        return end.closed or start.closed
    return _less(start.at, end.at)


def _later(left: End, right: End) -> End:
    if left.at is None or right.at is None:
        return End(None, False)
    if _same(left.at, right.at):
        return left if left.closed else right
    return right if _less(left.at, right.at) else left


def _union(sets: list[RealSet]) -> RealSet:
    names = {each.name for each in sets} - {""}
    if len(names) > 1:
        raise NoSetError
    return RealSet(_merged([p for each in sets for p in each.pieces]).pieces, "".join(names))


def _without(whole: RealSet, less: RealSet) -> RealSet:
    """A set without some points."""
    points = [low for low, high in less.pieces if high == low]
    if len(points) != len(less.pieces):
        raise NoSetError
    ends = [End(point.at, False) for point in points]
    gaps = zip([End(None, False), *ends], [*ends, End(None, False)], strict=True)
    return _meet([whole, RealSet(tuple(gaps))])


def _meet(sets: list[RealSet]) -> RealSet:
    """What all sets share, as in `x>1 and x<3`."""
    names = {each.name for each in sets} - {""}
    if len(names) > 1:
        raise NoSetError
    shared = list(sets[0].pieces)
    for each in sets[1:]:
        shared = [
            piece
            for left in shared
            for right in each.pieces
            if (piece := _overlap(left, right)) is not None
        ]
    return RealSet(_merged(shared).pieces, "".join(names))


def _overlap(left: Piece, right: Piece) -> Piece | None:
    """The meeting of two pieces, None if it is empty."""
    low = _inner(left[0], right[0], upper=False)
    high = _inner(left[1], right[1], upper=True)
    if low.at is None or high.at is None or _less(low.at, high.at):
        return low, high
    return (low, high) if _same(low.at, high.at) and low.closed and high.closed else None


def _inner(left: End, right: End, *, upper: bool) -> End:
    """Of two lower (or upper) ends the one further inside."""
    if left.at is None or right.at is None:
        return right if left.at is None else left
    if _same(left.at, right.at):
        return right if left.closed else left
    return left if _less(left.at, right.at) == upper else right
