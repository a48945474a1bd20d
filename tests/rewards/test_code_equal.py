"""Results that are the expected ones and results that are not: values, and what a run wrote."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.rewards.code_equal import same, same_output

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
    ],
)
def test_output(got: str, expected: str, right: bool) -> None:
    assert same_output(got, expected) is right
