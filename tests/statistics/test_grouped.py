"""Means of rows in groups: against the plain interval, Wilson's, and an outright calculation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.statistics.grouped import Grouped
from reasoning_lab.statistics.interval import mean_interval, proportion
from reasoning_lab.statistics.quantiles import t_quantile

VALUES = st.floats(-100, 100).map(lambda value: round(value, 3))


def grouped(groups: list[list[float]], *, yes_no: bool = False) -> Grouped:
    found = Grouped(yes_no=yes_no)
    for group in groups:
        found.add(group)
    return found


@given(st.lists(VALUES, min_size=2, max_size=30).filter(lambda v: len(set(v)) > 1))
def test_groups_of_one_give_the_plain_interval(values: list[float]) -> None:
    found, plain = grouped([[value] for value in values]).estimate(), mean_interval(values)
    assert found.n == plain.n
    for name in ("value", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), abs=1e-6)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_single_yes_or_no_rows_give_wilson(rows: list[bool]) -> None:
    found = grouped([[float(row)] for row in rows], yes_no=True).estimate()
    assert found == proportion(sum(rows), len(rows))


@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=2, max_size=12))
def test_against_the_formula(groups: list[list[float]]) -> None:
    rows = [value for group in groups for value in group]
    if len(set(rows)) == 1:
        return
    mean = sum(rows) / len(rows)
    squares = sum((sum(group) - len(group) * mean) ** 2 for group in groups)
    count = len(groups)
    variance = count / (count - 1) * squares / len(rows) ** 2
    half = t_quantile(0.975, count - 1) * math.sqrt(variance)
    found = grouped(groups).estimate()
    assert found.value == pytest.approx(mean, abs=1e-9)
    assert found.n == count
    if found.low is None:
        assert half == pytest.approx(0, abs=1e-4)
        return
    assert found.low == pytest.approx(mean - half, abs=1e-4)
    assert found.high == pytest.approx(mean + half, abs=1e-4)


def test_answers_to_one_problem_do_not_narrow_the_interval() -> None:
    once = grouped([[1.0], [0.0], [1.0], [0.5]] * 5).estimate()
    eight = grouped([[1.0] * 8, [0.0] * 8, [1.0] * 8, [0.5] * 8] * 5).estimate()
    assert (eight.value, eight.n) == (once.value, once.n)
    assert eight.low == pytest.approx(once.low)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_alike_still_has_a_width(value: float) -> None:
    found = grouped([[value] * 4] * 10, yes_no=True).estimate()
    assert not found.is_constant
    assert found == proportion(10 * int(value), 10)


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 0.3])
@pytest.mark.parametrize("size", [1, 4])
def test_a_constant_is_no_share_because_it_is_0_or_1(value: float, size: int) -> None:
    """A penalty of [-1, 0] that was never paid, a total that may be 1.1 and never was."""
    found = grouped([[value] * size] * 12).estimate()
    assert found.value == pytest.approx(value)
    assert (found.low, found.high, found.n) == (None, None, 12)
    assert found.is_constant
    assert not grouped([[value] * size]).estimate().is_constant


def test_what_is_no_yes_or_no_after_all_is_taken_as_a_number() -> None:
    found = grouped([[1.0], [0.5], [1.0]], yes_no=True).estimate()
    assert found == grouped([[1.0], [0.5], [1.0]]).estimate()


def test_yes_or_no_stays_within_its_range() -> None:
    found = grouped([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]], yes_no=True).estimate()
    assert found.high == 1.0


@pytest.mark.parametrize(
    ("rows", "bounds", "low", "high"),
    [
        ([1.1, 1.1, 1.1, 0.0], (0.0, 1.1), 0.0, 1.1),
        # a sum of weights may be off by a rounding
        ([1.1 + 2e-16, 1.1, 1.1, 0.0], (0.0, 1.1), 0.0, 1.1),
        ([-1.0, 0.0, 0.0, 0.0], (-1.0, 0.0), -1.0, 0.0),
    ],
)
def test_a_mean_stays_within_its_range(
    rows: list[float], bounds: tuple[float, float], low: float, high: float
) -> None:
    found = Grouped(bounds=bounds)
    for row in rows:
        found.add([row])
    estimate = found.estimate()
    assert estimate.low == pytest.approx(low)
    assert estimate.high == pytest.approx(high)


def test_a_range_that_was_left_is_none() -> None:
    found = Grouped(bounds=(0.0, 1.0))
    for row in (0.0, 1.0, 2.0):
        found.add([row])
    assert found.bounds is None
    assert found.estimate() == grouped([[0.0], [1.0], [2.0]]).estimate()


def test_large_numbers_keep_their_digits() -> None:
    found = grouped([[1e9 + 1], [1e9 + 2], [1e9 + 3]]).estimate()
    plain = mean_interval([1e9 + 1, 1e9 + 2, 1e9 + 3])
    assert found.low == pytest.approx(plain.low, rel=1e-12)


def test_one_group_has_no_interval_and_none_is_refused() -> None:
    found = grouped([[0.5, 0.25], []]).estimate()
    assert (found.value, found.low, found.high, found.n) == (0.375, None, None, 1)
    with pytest.raises(ValueError, match="no values"):
        grouped([[]]).estimate()
