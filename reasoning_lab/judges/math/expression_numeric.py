r"""The value of an expression to 60 digits at one point, never dearly.

Exponentials are bounded by the size of their exponent. Where two summands lie so far apart that
digits would be lost, the value is refused rather than rounded. Arithmetic is real, unless `i`
occurs: then an even root or a logarithm of a negative number has its principal value.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Any

from reasoning_lab.judges.math.expression_exact import (
    InexactError,
    Point,
    UndefinedError,
    choose,
    exact,
    factorial,
    variables,
)
from reasoning_lab.judges.math.expression_parse import Tree
from reasoning_lab.judges.math.expression_tokens import TooBigError

DIGITS = 60  # decimal digits of a value that is not rational
MAX_POWER = 40_000  # natural logarithm of the largest value, about 10^17000
LOST = 0.7  # share of the digits by which two summands may lie apart
Value = Any  # a real or complex number of mpmath


class UndecidedError(Exception):
    """The value cannot be computed to enough digits."""


@lru_cache(maxsize=2)
def context(digits: int = DIGITS) -> Any:
    """Arithmetic of mpmath with a precision of its own: the global one is not ours."""
    from mpmath.ctx_mp import MPContext

    own = MPContext()
    own.dps = digits
    return own


class Numeric:
    r"""Values to `DIGITS` digits at one point; real ones, unless `imaginary` is allowed.

    A bare `\log` has the base 10 if `ten`, else e.
    """

    def __init__(
        self, at: Point, *, imaginary: bool = False, ten: bool = False, digits: int = DIGITS
    ) -> None:
        self.mp = context(digits)
        self.at = at
        self.imaginary = imaginary
        self.ten = ten

    def value(self, tree: Tree) -> Value:
        """The value of `tree`. Raises UndefinedError, UndecidedError, TooBigError."""
        kind = tree[0]
        if kind == "n":
            return self.number(tree[1])
        if kind == "v":
            return self.number(self.at[tree[1]])
        return getattr(self, _METHODS[kind])(*tree[1:])

    def number(self, value: Fraction) -> Value:
        """A rational, rounded."""
        if value.denominator == 1:
            return self.mp.mpf(value.numerator)
        return self.mp.mpf(value.numerator) / value.denominator

    def constant(self, name: str) -> Value:
        """π, e or i."""
        if name == "i":
            return self.mp.mpc(0, 1)
        return +self.mp.pi if name == "pi" else self.mp.exp(1)

    def plus(self, a: Tree, b: Tree) -> Value:
        """A sum whose summands are near enough to each other."""
        left, right = self.value(a), self.value(b)
        if left and right and abs(self.mp.mag(left) - self.mp.mag(right)) > LOST * self.mp.prec:
            raise UndecidedError
        return left + right

    def minus(self, a: Tree) -> Value:
        """The negative."""
        return -self.value(a)

    def times(self, a: Tree, b: Tree) -> Value:
        """A product."""
        return self.value(a) * self.value(b)

    def over(self, a: Tree, b: Tree) -> Value:
        """A quotient; one by (nearly) nothing is undefined."""
        left, right = self.value(a), self.value(b)
        if abs(right) < self.mp.mpf(10) ** -50:
            raise UndefinedError if not right else UndecidedError
        return left / right

    def power(self, base: Tree, exponent: Tree) -> Value:
        """A power: exact exponents first, then by the logarithm of the base."""
        if base == ("k", "e"):
            return self.exp(self.value(exponent))
        left = self.value(base)
        if (ratio := self.rational(exponent)) is not None:
            if ratio.denominator == 1:
                return self.whole_power(left, int(ratio))
            constant = not variables(exponent)
            if constant and ratio.denominator % 2 and self.is_negative(left):
                # The real root, as in x^{1/3}.
                value = self.exp(self.mp.ln(-left) * self.number(ratio))
                return -value if ratio.numerator % 2 else value
        return self.general_power(left, self.value(exponent))

    def rational(self, tree: Tree) -> Fraction | None:
        """The exact value of an exponent, if it has one."""
        try:
            return exact(tree, self.at)
        except (InexactError, UndefinedError):
            return None

    def is_negative(self, value: Value) -> bool:
        """Whether the value is a negative real number, in real arithmetic."""
        return not self.imaginary and bool(value < 0)

    def whole_power(self, base: Value, exponent: int) -> Value:
        """base^exponent for an integer, bounded by the size of the result."""
        if not base:
            if exponent <= 0:
                raise UndefinedError
            return base
        if abs(exponent) * max(abs(self.mp.mag(base)), 1) > 1.5 * MAX_POWER:
            raise TooBigError("a power too large to write out")
        return base**exponent

    def general_power(self, base: Value, exponent: Value) -> Value:
        """base^exponent by way of the logarithm."""
        if not base:
            if self.mp.re(exponent) <= 0:
                raise UndefinedError
            return base
        if self.is_negative(base):
            raise UndefinedError
        return self.exp(self.mp.ln(base) * exponent)

    def exp(self, value: Value) -> Value:
        """e^value, if it is not too large to write out."""
        if abs(value) > MAX_POWER:
            raise TooBigError("a power too large to write out")
        return self.mp.exp(value)

    def factorial(self, a: Tree) -> Value:
        """A factorial of an exact integer."""
        if (ratio := self.rational(a)) is None or ratio.denominator != 1:
            raise UndefinedError
        if ratio < 0:
            raise UndefinedError
        return self.number(factorial(ratio))

    def binom(self, n: Tree, k: Tree) -> Value:
        """A binomial coefficient with an exact lower number."""
        upper, lower = self.rational(n), self.rational(k)
        if upper is None or lower is None or lower.denominator != 1:
            raise UndefinedError
        return self.number(choose(upper, lower))

    def root(self, degree: Tree, a: Tree) -> Value:
        """A root; odd ones of negative numbers are negative, even ones need `imaginary`."""
        base, n = self.value(a), self.rational(degree)
        if n is None or n.denominator != 1 or not 1 <= abs(n) <= 1000:
            raise UndefinedError
        if n == 2:
            if self.is_negative(base):
                raise UndefinedError
            return self.mp.sqrt(base)
        if n % 2 and self.is_negative(base):
            return -self.general_power(-base, self.number(1 / n))
        return self.general_power(base, self.number(1 / n))

    def log(self, base: Tree | None, a: Tree) -> Value:
        """A logarithm to a base; see the class for one without."""
        if base is None:
            under = self.mp.ln(10) if self.ten else self.mp.mpf(1)
        else:
            under = self.ln(self.value(base))
        if not under:
            raise UndefinedError
        return self.ln(self.value(a)) / under

    def ln(self, value: Value) -> Value:
        """The natural logarithm of a number that has one."""
        if not value or self.is_negative(value):
            raise UndefinedError
        return self.mp.ln(value)

    def function(self, name: str, a: Tree) -> Value:
        """A named function at the value of `a`."""
        return self.call(name, self.value(a))

    def call(self, name: str, x: Value) -> Value:
        """A named function at x; circular ones by way of sine and cosine."""
        if name in _DIRECT:
            if name in _UNIT and not self.imaginary and abs(x) > 1:
                raise UndefinedError
            if name in _SIZED and abs(x) > MAX_POWER:
                raise TooBigError(f"{name} of a number too large")
            return self.real(getattr(self.mp, _DIRECT[name])(x))
        if name in _RECIPROCAL:
            under = self.call(_RECIPROCAL[name], x)
            if abs(under) < self.mp.mpf(10) ** -50:
                raise UndefinedError
            return 1 / under
        if name == "ln":
            return self.ln(x)
        if name == "exp":
            return self.exp(x)
        if name == "abs":
            return abs(x)
        return self.rounded(name, x)

    def real(self, value: Value) -> Value:
        """`value`, if it is real or may be complex."""
        if not self.imaginary and not self.mp.im(value) == 0:
            raise UndefinedError
        return value

    def rounded(self, name: str, x: Value) -> Value:
        """Floor and ceiling; what is within rounding of a whole number is that number."""
        if self.mp.im(x):
            raise UndefinedError
        near = self.mp.nint(x)
        if abs(x - near) < self.mp.mpf(10) ** -40:
            return near
        return self.mp.floor(x) if name == "floor" else self.mp.ceil(x)


_METHODS = {
    "k": "constant", "+": "plus", "-": "minus", "*": "times", "/": "over", "^": "power",
    "!": "factorial", "binom": "binom", "root": "root", "log": "log", "f": "function",
}  # fmt: skip
_DIRECT = {
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
_RECIPROCAL = {"cot": "tan", "sec": "cos", "csc": "sin", "coth": "tanh"}
_UNIT = ("arcsin", "arccos", "arctanh")
_SIZED = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
