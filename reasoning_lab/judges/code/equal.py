"""When a result is the expected one: values of calls, and what a whole run wrote.

Values are plain data: the program's own classes never get here (`sandbox.plain`), so every `==`
below is Python's own. It says that `True == 1 == 1.0`, that a list is not a tuple, and that nan
is not nan; kept as it is, but for floats:

- where a **float** is expected, a number within 1e-6 of it, absolutely or relatively, is equal (a
  Decimal or a Fraction too); nan meets nan, an infinity only itself. Where an int is expected, 3.0
  meets 3 and 2.9999999 does not. The same inside lists, tuples and the values of dicts, not inside
  sets or keys;
- with `exact` there is no tolerance, and nan meets nothing.
"""

import cmath
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

TOLERANCE = 1e-6


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


def same_output(got: str, expected: str) -> bool:
    r"""Whether a run wrote what was expected, line by line.

    Trailing blanks of a line and blank lines at the end do not count. Blanks are spaces and tabs,
    and a line ends with a line feed or with a carriage return and a line feed. Anything else
    counts: case, blanks in front, blank lines between, the number of lines, other spaces.

    >>> same_output("1 \n2\n\n", "1\n2"), same_output("1\n", "1\n2\n")
    (True, False)
    """
    return _lines(got) == _lines(expected)


def _lines(text: str) -> list[str]:
    lines = [line.rstrip(" \t") for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


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
