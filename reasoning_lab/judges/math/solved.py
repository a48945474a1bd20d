r"""Does an inequality in one variable have a given set as its solution? `x^2<4` and `(-2,2)`.

Not by solving it, but by trying: it must hold, or fail, exactly as the set says at every end of
the set, close to each end on both sides, and at a dozen points within and outside of each piece.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from reasoning_lab.judges.math.expression import value
from reasoning_lab.judges.math.expression_exact import UndefinedError, variables
from reasoning_lab.judges.math.expression_numeric import UndecidedError, context
from reasoning_lab.judges.math.expression_parse import Tree, read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.realset import RealSet
from reasoning_lab.judges.math.shape import Shape

_STEPS = (Fraction(1, 10_000), Fraction(1, 37), Fraction(3, 7), Fraction(19, 7), Fraction(1009, 7))


def solves(relation: Shape, target: RealSet) -> bool | None:
    """Whether `target` is what the inequality allows; None if that cannot be tried."""
    if len(relation.parts) != 2 or relation.signs[0] not in ("<", "<=", ">", ">=", "!="):
        return None
    left, right = (read(part) for part in relation.parts)
    if isinstance(left, str) or isinstance(right, str):
        return None
    difference: Tree = ("+", left, ("-", right))
    names = variables(difference)
    if len(names) != 1 or (target.name and target.name not in names):
        return None
    (name,) = names
    ends = [end for piece in target.pieces for end in piece if end.at is not None]
    if not ends or any(not isinstance(end.at, Fraction) for end in ends):
        return None
    try:
        return all(
            _holds(difference, relation.signs[0], {name: point}) == _inside(point, target)
            for point in _points([end.at for end in ends])
        )
    except (UndecidedError, TooBigError):
        return None


def _points(ends: list[Fraction]) -> Iterator[Fraction]:
    """The ends, points near and far on both sides of them, and points between them."""
    for end in ends:
        yield end
        for step in _STEPS:
            yield from (end - step, end + step)
    for low, high in pairwise(ends):
        yield from (low + (high - low) * Fraction(part, 7) for part in range(1, 7))


def _holds(difference: Tree, sign: str, at: dict[str, Fraction]) -> bool:
    """Whether the inequality holds at a point; where it is undefined it does not."""
    try:
        found = value(difference, at)
    except UndefinedError:
        return False
    if not isinstance(found, Fraction) and context().im(found):
        return False
    if sign == "!=":
        return bool(found != 0)
    return bool(
        (found > 0 and ">" in sign) or (found < 0 and "<" in sign) or (not found and "=" in sign)
    )


def _inside(point: Fraction, target: RealSet) -> bool:
    for low, high in target.pieces:
        above = low.at is None or low.at < point or (low.at == point and low.closed)
        below = high.at is None or point < high.at or (high.at == point and high.closed)
        if above and below:
            return True
    return False
