r"""Are two expressions equal? Own arithmetic, bounded; None where it cannot tell.

Constants are compared by their exact value where both are rational, else to 60 digits.
Expressions with variables are equal where they agree at every fixed point at which both are
defined (and at three points at least): two different expressions that agree at several such
points to 45 digits do not occur. What only differs in where it is defined, (x²-1)/(x-1) and x+1,
is equal. Where no point is in both domains, as for (-1)^n, whole numbers are tried.

A bare `\log` may be natural or decimal, but the same on both sides.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from reasoning_lab.judges.math.expression_exact import (
    InexactError,
    Point,
    UndefinedError,
    exact,
    variables,
)
from reasoning_lab.judges.math.expression_numeric import (
    DIGITS,
    Numeric,
    UndecidedError,
    Value,
    context,
)
from reasoning_lab.judges.math.expression_parse import Tree
from reasoning_lab.judges.math.expression_tokens import TooBigError

MAX_VARIABLES = 12
AGREE = 0.75  # share of the digits to which equal values agree
APART = 0.42  # share within which different values differ; between the two: undecided
MANY = 300  # digits for constants that 60 leave undecided
WANTED = 3  # points at which both sides must be defined
_ERRORS = (UndefinedError, UndecidedError, TooBigError)


def equal(left: Tree, right: Tree) -> bool | None:
    """Whether two trees have the same value wherever both are defined; None: cannot tell.

    Raises TooBigError for a constant that is too large to compute.

    >>> from reasoning_lab.judges.math.expression_parse import read
    >>> equal(read("x(x+1)"), read("x^2+x")), equal(read("x"), read("y"))
    (True, False)
    """
    if left == right:
        return True
    names = variables(left) | variables(right)
    imaginary = uses(left, "k", "i") or uses(right, "k", "i")
    bases = (False, True) if uses(left, "log", None) or uses(right, "log", None) else (False,)
    answers = [_equal(left, right, names, imaginary, ten) for ten in bases]
    return True if True in answers else None if None in answers else False


def _equal(
    left: Tree, right: Tree, names: frozenset[str], imaginary: bool, ten: bool
) -> bool | None:
    if not names:
        return _equal_constants(left, right, imaginary, ten)
    if len(names) > MAX_VARIABLES:
        return None
    met = 0
    for sampled in (_points(names, _NEAR), _points(names, _FAR), _whole_points(names)):
        for point in sampled:
            try:
                same = same_value(
                    value(left, point, imaginary, ten), value(right, point, imaginary, ten)
                )
            except _ERRORS:
                continue
            if not same:
                return same
            met += 1
        if met >= WANTED:
            return True
    return None


def _equal_constants(left: Tree, right: Tree, imaginary: bool, ten: bool) -> bool | None:
    for digits in (DIGITS, MANY):
        try:
            given, wanted = (_constant(side, imaginary, ten, digits) for side in (left, right))
        except UndecidedError:
            continue
        if given is None or wanted is None:
            return None if given is wanted else False
        if (same := same_value(given, wanted, digits)) is not None:
            return same
    return None


def _constant(tree: Tree, imaginary: bool, ten: bool, digits: int) -> Fraction | Value | None:
    """The value of a constant, complex if it has no real one; None if it has none."""
    for complex_too in dict.fromkeys((imaginary, True)):
        try:
            return value(tree, {}, complex_too, ten, digits)
        except UndefinedError:
            continue
    return None


def sample(trees: tuple[Tree, ...], wanted: int) -> Iterator[tuple[Value, ...]]:
    """The values of several trees at up to `wanted` common points where all are defined."""
    names = frozenset[str]().union(*(variables(tree) for tree in trees))
    imaginary = any(uses(tree, "k", "i") for tree in trees)
    if len(names) > MAX_VARIABLES:
        return
    for point in (*_points(names, _NEAR), *_points(names, _FAR)) if names else ({},):
        try:
            values = tuple(value(tree, point, imaginary) for tree in trees)
        except _ERRORS:
            continue
        if any(not isinstance(each, Fraction) for each in values):
            values = tuple(rounded(each) for each in values)
        yield values
        wanted -= 1
        if not wanted:
            return


def value(
    tree: Tree, at: Point, imaginary: bool = False, ten: bool = False, digits: int = DIGITS
) -> Fraction | Value:
    """The value at a point, exact if it is rational."""
    try:
        return exact(tree, at)
    except InexactError:
        pass
    except UndefinedError:
        if not imaginary:
            raise
    imaginary = imaginary or uses(tree, "k", "i")
    return Numeric(at, imaginary=imaginary, ten=ten, digits=digits).value(tree)


def same_value(
    left: Fraction | Value, right: Fraction | Value, digits: int = DIGITS
) -> bool | None:
    """Whether two values of so many digits are equal; None where rounding leaves it open."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left == right
    mp = context(digits)
    agree, distinct = (mp.mpf(10) ** -int(share * digits) for share in (AGREE, APART))
    a, b = (rounded(side, digits) for side in (left, right))
    size = max(abs(a), abs(b))
    if size < distinct:
        # Zero, or the rounding of a sum that cancels.
        return True if not (a and b) and size < agree else None
    apart = abs(a - b) / size
    if apart < agree:
        return True
    return False if apart > distinct else None


def rounded(number: Fraction | Value, digits: int = DIGITS) -> Value:
    """A value as a number of mpmath."""
    if not isinstance(number, Fraction):
        return number
    return context(digits).mpf(number.numerator) / number.denominator


@lru_cache(maxsize=16_384)
def uses(tree: Tree, kind: str, first: object) -> bool:
    """Whether a part of `tree` is of this kind with this first member."""
    if tree[0] == kind and tree[1] == first:
        return True
    return any(uses(part, kind, first) for part in tree[1:] if isinstance(part, tuple))


# (sign, smallest, largest) in hundredths, a row a point; sign 0 mixes them. Inside the unit
# interval for arcsin, above one for nested logarithms, larger for roots of differences, negative
# for |x| against x. The far ones are tried where the near ones are outside of the domain.
_NEAR = ((1, 20, 90), (1, 110, 290), (1, 510, 990), (-1, 20, 90), (-1, 110, 390), (0, 30, 270))
_FAR = ((0, 5, 95), (1, 5, 35), (1, 1_100, 2_900), (1, 4_000, 9_900), (-1, 1_100, 2_900))
_Regions = tuple[tuple[int, int, int], ...]


def _points(names: frozenset[str], regions: _Regions) -> Iterator[dict[str, Fraction]]:
    """Fixed rational points: the same for the same names on every machine."""
    ordered = sorted(names)
    for row, (sign, low, high) in enumerate(regions):
        yield {
            name: Fraction(
                (sign or (-1) ** (place + row))
                * (low * 100 + (7919 * (place + 1) + 104_729 * row) % (100 * (high - low))),
                10_007,
            )
            for place, name in enumerate(ordered)
        }


def _whole_points(names: frozenset[str]) -> Iterator[dict[str, Fraction]]:
    """Positive whole numbers, odd and even."""
    ordered = sorted(names)
    for start in (3, 4, 7, 8, 12):
        yield {name: Fraction(start + 2 * place) for place, name in enumerate(ordered)}
