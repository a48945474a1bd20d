r"""The exact value of an expression, where it is rational; sizes are bounded before any arithmetic.

Integer powers are bounded by the bits of their result, factorials and binomials by their argument.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from reasoning_lab.judges.math.expression_parse import Tree
from reasoning_lab.judges.math.expression_tokens import TooBigError

MAX_BITS = 20_000  # of an exact number
MAX_FACTORIAL = 1_000
Point = Mapping[str, Fraction]


class InexactError(Exception):
    """The expression is not rational at this point."""


class UndefinedError(Exception):
    """The expression has no (real) value at this point."""


@lru_cache(maxsize=16_384)
def variables(tree: Tree) -> frozenset[str]:
    """The names of the variables in `tree`."""
    if tree[0] == "v":
        return frozenset((tree[1],))
    parts = [variables(part) for part in tree[1:] if isinstance(part, tuple)]
    return frozenset().union(*parts)


def exact(tree: Tree, at: Point) -> Fraction:
    """The rational value of `tree`. Raises InexactError, UndefinedError, TooBigError."""
    kind = tree[0]
    if kind == "n":
        return tree[1]  # type: ignore[no-any-return]
    if kind == "v":
        return at[tree[1]]
    if kind in _EXACT:
        return _bounded(_EXACT[kind](*(exact(part, at) for part in tree[1:])))
    if kind == "^":
        base, exponent = exact(tree[1], at), exact(tree[2], at)
        if base < 0 and exponent.denominator > 1 and variables(tree[2]):
            raise UndefinedError  # (-1)^n has a value for whole n only
        return _power(base, exponent)
    if kind == "root":
        return _root(exact(tree[1], at), exact(tree[2], at))
    if kind == "f" and tree[1] in _WHOLE:
        return Fraction(_WHOLE[tree[1]](exact(tree[2], at)))
    raise InexactError


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
        raise TooBigError(f"a number of more than {MAX_BITS} bits")
    return value


def _over(left: Fraction, right: Fraction) -> Fraction:
    if not right:
        raise UndefinedError
    return left / right


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        if exponent.denominator > 64:
            raise InexactError
        return _power(_root(Fraction(exponent.denominator), base), Fraction(exponent.numerator))
    if not base and exponent <= 0:
        raise UndefinedError
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if size > 1 and size * abs(exponent) > MAX_BITS:
        raise TooBigError("a power too large to write out")
    if size <= 1:  # 0, 1 and -1
        return base if exponent % 2 else base * base
    return base ** int(exponent)


def _root(degree: Fraction, base: Fraction) -> Fraction:
    """The real root, where it is rational."""
    if degree.denominator != 1 or not 2 <= degree <= 64:
        raise InexactError
    n = int(degree)
    if base < 0:
        if n % 2 == 0:
            raise UndefinedError
        return -_root(degree, -base)
    over, under = _whole_root(base.numerator, n), _whole_root(base.denominator, n)
    return Fraction(over, under)


def _whole_root(number: int, degree: int) -> int:
    if degree == 2:
        root = math.isqrt(number)
    elif number.bit_length() > 900:
        raise InexactError
    else:
        root = round(number ** (1 / degree))
    if root**degree != number:
        raise InexactError
    return root


def factorial(number: Fraction) -> Fraction:
    """The factorial of a whole n, up to MAX_FACTORIAL."""
    if number.denominator != 1:
        raise InexactError
    if number < 0:
        raise UndefinedError
    if number > MAX_FACTORIAL:
        raise TooBigError(f"a factorial beyond {MAX_FACTORIAL}!")
    return Fraction(math.factorial(int(number)))


def choose(n: Fraction, k: Fraction) -> Fraction:
    """The binomial coefficient of any n and a whole k, 0 for k below 0."""
    if k.denominator != 1:
        raise InexactError
    if k > MAX_FACTORIAL:
        raise TooBigError(f"a binomial coefficient beyond {MAX_FACTORIAL}")
    product = Fraction(0 if k < 0 else 1)
    for step in range(int(k)):
        product = _bounded(product * (n - step) / (step + 1))
    return product


_EXACT: dict[str, Callable[..., Fraction]] = {
    "+": lambda a, b: a + b,
    "*": lambda a, b: a * b,
    "-": lambda a: -a,
    "/": _over,
    "!": factorial,
    "binom": choose,
}
_WHOLE: dict[str, Callable[[Fraction], Any]] = {"abs": abs, "floor": math.floor, "ceil": math.ceil}
