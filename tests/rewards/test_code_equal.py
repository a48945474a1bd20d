"""Results that are the expected ones and results that are not: values, and what a run wrote."""

import math
from collections import deque
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.judges.code.equal import same, same_output

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("got", "expected", "near", "exact"),
    [
        (3, 3, True, True),
        (True, 1, True, True),
        (1.0, True, True, True),
        (3.0, 3, True, True),
        (2.9999999, 3, False, False),
        (3, 3.0, True, True),
        (0.1 + 0.2, 0.3, True, False),
        (1e-7, 0.0, True, False),
        (1e-5, 0.0, False, False),
        (1e24 * (1 + 1e-9), 1e24, True, False),
        (10**12 + 1000.0, 10**12, False, False),
        (10**400, 1.0, False, False),
        (NAN, NAN, True, False),
        (NAN, 1.0, False, False),
        (1.0, NAN, False, False),
        (INF, INF, True, True),
        (INF, -INF, False, False),
        (1e308, INF, False, False),
        (1 + 1e-9j, 1 + 0j, True, False),
        ("1.0", 1.0, False, False),
        (None, 0.0, False, False),
        ([1, 2], [1, 2], True, True),
        ([1, 2], (1, 2), False, False),
        ((1, 2), [1, 2], False, False),
        ([1], [1, 2], False, False),
        ([0.1 + 0.2], [0.3], True, False),
        ([(0.1 + 0.2, "a")], [(0.3, "a")], True, False),
        ({"a": 0.1 + 0.2}, {"a": 0.3}, True, False),
        ({"a": 1}, {"a": 1, "b": 2}, False, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, True),
        ([("a", 1)], {"a": 1}, False, False),
        ({1, 2}, {2, 1}, True, True),
        ({1, 2}, [1, 2], False, False),
        (frozenset({1}), {1}, True, True),
        (b"a", "a", False, False),
        ("A", "a", False, False),
        (range(3), [0, 1, 2], False, False),
        (None, None, True, True),
        (None, False, False, False),
        ("", None, False, False),
        (Decimal("1.50"), Decimal("1.5"), True, True),
        (Decimal("4"), 4, True, True),
        (Decimal("4.0000001"), 4, False, False),
        (Decimal("0.5"), 0.5, True, True),
        (Decimal("0.3"), 0.3, True, False),
        (Decimal("0.31"), 0.3, False, False),
        (Decimal("NaN"), NAN, True, False),
        (Decimal("NaN"), 1.0, False, False),
        (Decimal("NaN"), Decimal("NaN"), False, False),
        (Decimal("Infinity"), INF, True, True),
        (Decimal("1E+9999"), 1.0, False, False),
        (Decimal("1E+9999"), 1 + 1j, False, False),
        (Decimal("1"), "1", False, False),
        (Fraction(1, 2), 0.5, True, True),
        (Fraction(1, 3), 1 / 3, True, False),
        (Fraction(10**400, 3), 1.0, False, False),
        (Fraction(4), 4, True, True),
        (Fraction(1, 2), Decimal("0.5"), True, True),
        (deque([1]), [1], False, False),
        (deque([1]), deque([1]), True, True),
        ([Decimal("0.3")], [0.3], True, False),
        (date(2024, 1, 1), "2024-01-01", False, False),
    ],
)
def test_values(got: Any, expected: Any, near: bool, exact: bool) -> None:
    assert same(got, expected) is near
    assert same(got, expected, exact=True) is exact


@given(st.recursive(st.integers() | st.text() | st.floats(), st.lists, max_leaves=10))
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


@pytest.mark.parametrize(
    ("got", "expected", "right"),
    [
        ("1\n2\n", "1\n2", True),
        ("1 \n2\t\n\n\n", "1\n2\n", True),
        ("1\r\n2\r\n", "1\n2\n", True),
        ("", "\n\n", True),
        ("1\n", "1\n2\n", False),
        ("1\n2\n3\n", "1\n2\n", False),
        (" 1\n", "1\n", False),
        ("1\n\n2\n", "1\n2\n", False),
        ("1  2\n", "1 2\n", False),
        ("Yes\n", "yes\n", False),
        ("1.0\n", "1\n", False),
        ("1\u00a0\n", "1\n", False),
        ("\n1\n", "1\n", False),
        ("ok 1\n", "1\n", False),
        ("1 \t \r\n", "1", True),
        ("1\r\n \r\n\t\r\n", "1", True),
        ("1", "1 \r\n\r\n", True),
        (" \n\t\n", "", True),
        ("1\f\n", "1\n", False),
        ("1\v\n", "1\n", False),
        ("1\n\f\n", "1\n", False),
        ("1\r", "1", False),
        ("1\r\r\n", "1\n", False),
        ("1\r \n", "1\n", False),
        ("1\r2\n", "1\n2\n", False),
        ("1\u2003\n", "1\n", False),
        ("1\x85\n", "1\n", False),
        ("1\u2028", "1\n", False),
        ("1\0\n", "1\n", False),
        ("1\x1f\n", "1\n", False),
        ("\ufeff1\n", "1\n", False),
    ],
)
def test_output(got: str, expected: str, right: bool) -> None:
    assert same_output(got, expected) is right


def test_what_is_beyond_every_float_is_no_infinity() -> None:
    assert not same(Decimal("1e400"), INF)
    assert not same(10**400, INF)
    assert same(Decimal("Infinity"), INF)
