r"""Are two parsed formulas equal? In the worker process only.

Numbers at sample points decide first: two expressions that differ there are different, which is
quick and no matter of tolerance, so that neither math-verify's absolute tolerance (it takes 10^-20
for 0) nor its rounding of decimals is ever met. What agrees there has to be found equal by
math-verify as well.
"""

import re

import sympy
from math_verify import verify

from reasoning_lab.judges.math.sympy_parse import Parsed

DIGITS = 30  # evaluated
_DECIMAL = re.compile(r"[+-]?(\d*)\.(\d+)", re.ASCII)
# Positive, so that ln(x^2) and 2 ln x agree here and are left to the comparison of formulas.
_POINTS = ((7, 11), (23, 9))


def equal(answer: str, gold: str, parsed: Parsed, target: Parsed) -> bool:
    """Whether the answer's formula `parsed` equals the gold's formula `target`."""
    rounded = _rounded(answer, gold, parsed, target)
    if rounded is not None:
        return rounded
    if _differ(parsed, target):
        return False
    # No time limit in there: it would be a signal; this process is killed from outside instead.
    return bool(verify(target, parsed, strict=True, timeout_seconds=None, raise_on_error=True))


def _rounded(answer: str, gold: str, parsed: Parsed, target: Parsed) -> bool | None:
    r"""Decides between a decimal and a number without a finite decimal; None if that is not so.

    An answer of at least 6 significant digits meets such a gold if it is correctly rounded; an
    answer meets a gold of at least 3 decimals, which was rounded itself, by rounding to it.
    """
    if not (_is_real_number(parsed) and _is_real_number(target)):
        return None
    said, meant = _DECIMAL.fullmatch(answer.strip()), _DECIMAL.fullmatch(gold.strip())
    if said and not meant and not _terminates(target):
        digits = (said[1] + said[2]).lstrip("0")
        return len(digits) >= 6 and _near(parsed, target, len(said[2]))
    if meant and not said and not _terminates(parsed):
        return len(meant[2]) >= 3 and _near(parsed, target, len(meant[2]))
    return None


def _near(a: Parsed, b: Parsed, decimals: int) -> bool:
    """Within half a unit of the last of so many decimals."""
    return bool(abs((a - b).evalf(DIGITS + decimals)) <= sympy.Rational(1, 2 * 10**decimals))


def _is_real_number(parsed: Parsed) -> bool:
    return isinstance(parsed, sympy.Expr) and bool(parsed.is_number) and parsed.is_real is True


def _terminates(number: Parsed) -> bool:
    """Whether it has a finite decimal; a formula for a rational is computed first."""
    value = number.doit() if isinstance(number, sympy.Expr) else number
    if not isinstance(value, sympy.Rational):
        return False
    rest = value.q
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return bool(rest == 1)


def _differ(a: Parsed, b: Parsed) -> bool:
    """Whether a sample point shows that the two differ."""
    if isinstance(a, sympy.MatrixBase) and isinstance(b, sympy.MatrixBase):
        return a.shape != b.shape or any(map(_differ, a.flat(), b.flat()))
    if not (isinstance(a, sympy.Expr) and isinstance(b, sympy.Expr)) or _is_name(a) or _is_name(b):
        return False
    letters = sorted(a.free_symbols | b.free_symbols, key=str)
    if not letters:
        return _apart(a, b)
    return any(
        _apart(a.subs(point), b.subs(point))
        for over, under in _POINTS
        for point in [{each: sympy.Rational(over + 2 * n, under) for n, each in enumerate(letters)}]
    )


def _is_name(parsed: sympy.Expr) -> bool:
    r"""A word such as \text{even}, which math-verify compares as text."""
    return isinstance(parsed, sympy.Symbol) and len(parsed.name) > 1


def _apart(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether two numbers certainly differ: sympy raises its precision until the difference
    shows, and says with a precision of one bit that up to 100 digits it does not."""
    gap = (a - b).evalf(DIGITS)
    if not (gap.is_number and a.evalf(DIGITS).is_finite and b.evalf(DIGITS).is_finite):
        return False
    return any(_is_certain(part) for part in gap.as_real_imag())


def _is_certain(part: sympy.Expr) -> bool:
    return bool(part.is_Float and part._prec > 1 and part != 0)


# Pairs of known outcome that a working parser and comparison get right. They also warm both up;
# more of them would save the first pairs some milliseconds and delay the very first by as much.
KNOWN = (
    ("x(x+1)", "x^2+x", True),
    ("x(x-1)", "x^2+x", False),
    ("X", "x", False),
    (r"\frac{\sqrt{8}}{2}", r"\sqrt2", True),
)
