"""Rates over problems with one and with several samples."""

from __future__ import annotations

import pytest

from reasoning_lab.stages.heldout import _rate
from reasoning_lab.statistics.interval import proportion


@pytest.mark.parametrize(
    ("rows", "value", "n"),
    [
        ([[True], [False], [False], [False]], 0.25, 4),
        ([[True, False], [True, True]], 0.75, 2),
        ([[False, False]] * 10, 0.0, 10),
        ([[True, True]] * 10, 1.0, 10),
    ],
)
def test_a_rate_stays_within_bounds_and_has_a_width(
    rows: list[list[bool]], value: float, n: int
) -> None:
    rate = _rate(rows)
    assert (rate.value, rate.n) == (value, n)
    assert rate.low is not None
    assert rate.high is not None
    assert 0.0 <= rate.low <= value <= rate.high <= 1.0
    assert rate.high > rate.low


def test_samples_of_one_problem_do_not_count_as_problems() -> None:
    assert _rate([[True] * 100, [False] * 100]).n == 2
    assert _rate([[False] * 8] * 10) == proportion(0, 10)
