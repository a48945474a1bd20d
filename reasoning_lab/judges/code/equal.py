"""When a result is the expected one: values of calls, and what a whole run wrote.

Values are plain data: the program's own classes never get here (`sandbox.plain`), so every `==`
below is Python's own. It says that `True == 1 == 1.0`, that a list is not a tuple, and that nan
is not nan; kept as it is, but for floats:

- where a **float** is expected, a number within 1e-6 of it, absolutely or relatively, is equal (a
  Decimal or a Fraction too); nan meets nan, an infinity only itself. Where an int is expected, 3.0
  meets 3 and 2.9999999 does not. The same inside lists, tuples and the values of dicts, not inside
  sets or keys;
- with `exact` there is no tolerance, and nan meets nothing.

Of what a run wrote the text counts, or, where a test has a tolerance, its numbers do, token by
token, as in the graders of APPS and TACO (`eval/testing_util.py` of github.com/hendrycks/apps) and
of LiveCodeBench (`lcb_runner/evaluation/testing_util.py`):

- blanks around a line and blank lines do not count, wherever they are (APPS; LiveCodeBench counts
  blank lines inside), nor how many blanks are between two tokens; lines stay lines;
- where the expected token is a number with a decimal point or an exponent, a number within the
  tolerance, absolutely or relatively, is equal. APPS allows 1e-5 relatively, and three digits;
- where it is an integer, only that value is: `1.0` and `+1` for `1`, as in both, not `1.0000001`;
- any other token is compared as text: words, nan and infinities (whatever their spelling), `1_000`,
  hexadecimal, digits that are not ASCII, and leading zeros (`0011` is no 11, though LiveCodeBench
  takes it for one), also numbers with marks attached (`[0.5,`). The order of tokens counts, which
  APPS forgives.
"""

import cmath
import math
import re
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any

from reasoning_lab.text.code_tests import TOLERANCE

# As programs print one: ASCII, and with an exponent that a Decimal can hold.
_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]*)(?P<point>\.[0-9]*)?|(?P<bare>\.[0-9]+))(?P<power>[eE][+-]?[0-9]{1,6})?"
)
_BLANKS = " \t"


def same(got: Any, expected: Any, *, exact: bool = False) -> bool:
    """Whether a call's result is the expected one; see the module. Never raises.

    >>> same(0.1 + 0.2, 0.3), same([1], (1,)), same(2.9999999, 3)
    (True, False, False)
    """
    if exact:
        return _plainly(got, expected)
    if isinstance(expected, (float, complex)):
        return _near(got, expected)
    if isinstance(expected, (list, tuple)):
        alike = type(got) is type(expected) and len(got) == len(expected)
        return alike and all(same(a, b) for a, b in zip(got, expected, strict=True))
    if isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            return False
        return all(same(got[key], value) for key, value in expected.items())
    return _plainly(got, expected)


def same_output(got: str, expected: str, tolerance: float | None = None) -> bool:
    r"""Whether a run wrote what was expected, line by line.

    Blanks are spaces and tabs, and a line ends with a line feed or with a carriage return and a
    line feed. Trailing blanks of a line and blank lines at the end do not count. Anything else
    counts: case, blanks in front, blank lines between, the number of lines, other spaces. With a
    `tolerance` it counts as the module says.

    >>> same_output("1 \n2\n\n", "1\n2"), same_output("1\n", "1\n2\n")
    (True, False)
    >>> same_output("\n 0.30000000000000004  2", "0.3 2", 1e-6), same_output("1.1", "1", 1e-6)
    (True, False)
    """
    ours, theirs = _lines(got), _lines(expected)
    if ours == theirs or tolerance is None:
        return ours == theirs
    ours, theirs = list(filter(None, ours)), list(filter(None, theirs))
    return len(ours) == len(theirs) and all(
        line == wanted or _same_line(_tokens(line), _tokens(wanted), tolerance)
        for line, wanted in zip(ours, theirs, strict=True)
    )


def _lines(text: str) -> list[str]:
    lines = [line.rstrip(_BLANKS) for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _tokens(line: str) -> list[str]:
    # Not `split()`, which takes more than blanks away.
    return [token for token in line.replace("\t", " ").split(" ") if token]


def _same_line(got: list[str], expected: list[str], tolerance: float) -> bool:
    return len(got) == len(expected) and all(
        token == wanted or _same_number(token, wanted, tolerance)
        for token, wanted in zip(got, expected, strict=True)
    )


def _same_number(got: str, expected: str, tolerance: float) -> bool:
    if not (_NUMBER.fullmatch(got) and (gold := _NUMBER.fullmatch(expected))):
        return False
    ours, theirs = Decimal(got), Decimal(expected)
    if ours == theirs or not any(gold.group("point", "bare", "power")):
        return ours == theirs
    # Own to each call: a context also collects what went wrong in it.
    exact = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    apart = exact.abs(exact.subtract(ours, theirs))
    allowed = exact.multiply(Decimal(repr(tolerance)), exact.max(exact.abs(theirs), Decimal(1)))
    return apart <= allowed


def _plainly(got: Any, expected: Any) -> bool:
    try:
        return bool(got == expected)
    except RecursionError:
        return False


def _near(got: Any, expected: float | complex) -> bool:
    if not isinstance(got, (int, float, complex, Decimal, Fraction)):
        return False
    if got == expected:
        return True
    try:
        if isinstance(got, complex) or isinstance(expected, complex):
            return cmath.isclose(got, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        if math.isnan(got) or math.isnan(expected):
            return math.isnan(got) and math.isnan(expected)
        if math.isinf(expected):  # which a number beyond every float is no match for
            return False
        return math.isclose(got, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except OverflowError:  # an int beyond every float
        return False
