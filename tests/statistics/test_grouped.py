"""Means of rows in groups: against the plain interval, Wilson's, and an outright calculation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.statistics import mean_interval, proportion
from reasoning_lab.statistics.grouped import Grouped
from reasoning_lab.statistics.quantiles import t_quantile

VALUES = st.floats(-100, 100).map(lambda value: round(value, 3))


def grouped(groups: list[list[float]]) -> Grouped:
    found = Grouped()
    for group in groups:
        found.add(group)
    return found


@given(st.lists(VALUES, min_size=2, max_size=30).filter(lambda v: not set(v) <= {0.0, 1.0}))
def test_groups_of_one_give_the_plain_interval(values: list[float]) -> None:
    found, plain = grouped([[value] for value in values]).estimate(), mean_interval(values)
    assert found.n == plain.n
    for name in ("value", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), abs=1e-6)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_single_yes_or_no_rows_give_wilson(rows: list[bool]) -> None:
    assert grouped([[float(row)] for row in rows]).estimate() == proportion(sum(rows), len(rows))


@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=2, max_size=12))
def test_against_the_formula(groups: list[list[float]]) -> None:
    rows = [value for group in groups for value in group]
    if set(rows) <= {0.0, 1.0}:
        return
    mean = sum(rows) / len(rows)
    squares = sum((sum(group) - len(group) * mean) ** 2 for group in groups)
    count = len(groups)
    variance = count / (count - 1) * squares / len(rows) ** 2
    half = t_quantile(0.975, count - 1) * math.sqrt(variance)
    found = grouped(groups).estimate()
    assert found.value == pytest.approx(mean, abs=1e-9)
    assert found.n == count
    assert found.low == pytest.approx(mean - half, abs=1e-4)
    assert found.high == pytest.approx(mean + half, abs=1e-4)


def test_answers_to_one_problem_do_not_narrow_the_interval() -> None:
    once = grouped([[1.0], [0.0], [1.0], [0.5]] * 5).estimate()
    eight = grouped([[1.0] * 8, [0.0] * 8, [1.0] * 8, [0.5] * 8] * 5).estimate()
    assert (eight.value, eight.n) == (once.value, once.n)
    assert eight.low == pytest.approx(once.low)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_alike_still_has_a_width(value: float) -> None:
    found = grouped([[value] * 4] * 10).estimate()
    assert found == proportion(10 * int(value), 10)


def test_yes_or_no_stays_within_its_range() -> None:
    found = grouped([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).estimate()
    assert found.high == 1.0


def test_large_numbers_keep_their_digits() -> None:
    found = grouped([[1e9 + 1], [1e9 + 2], [1e9 + 3]]).estimate()
    plain = mean_interval([1e9 + 1, 1e9 + 2, 1e9 + 3])
    assert found.low == pytest.approx(plain.low, rel=1e-12)


def test_one_group_has_no_interval_and_none_is_refused() -> None:
    found = grouped([[0.5, 0.25], []]).estimate()
    assert (found.value, found.low, found.high, found.n) == (0.375, None, None, 1)
    with pytest.raises(ValueError, match="no values"):
        grouped([[]]).estimate()
