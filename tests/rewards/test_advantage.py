"""Advantages by hand; against TRL's own they are held in test_trl."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.rewards.advantage import advantages, no_signal
from reasoning_lab.schema.stages.reinforcing import Advantages

SPREAD = math.sqrt(1 / 2)  # of [0, 1]


@pytest.mark.parametrize(
    ("totals", "groups", "scale", "values"),
    [
        ([1.0, 0.0], "aa", "none", [0.5, -0.5]),
        ([1.0, 0.0], "aa", "group", [0.5 / (SPREAD + 1e-4), -0.5 / (SPREAD + 1e-4)]),
        ([1.0, 3.0, 0.0, 5.0], "abab", "none", [0.5, -1.0, -0.5, 1.0]),
        ([1.0, 1.0], "aa", "group", [0.0, 0.0]),
        ([1.0, 1.0, 0.0, 0.0], "aabb", "batch", [0.0, 0.0, 0.0, 0.0]),
        ([1.0, None, 0.0], "aaa", "none", [0.5, None, -0.5]),
        ([1.0, None], "aa", "group", [0.0, None]),
        ([1.0, None], "aa", "batch", [0.0, None]),
        ([None, None], "aa", "batch", [None, None]),
        ([2.0], "a", "group", [0.0]),
        ([1.0, 0.0, 0.0], "aaa", "leave_one_out", [1.0, -0.5, -0.5]),
        ([1.0, 3.0, 0.0, 5.0], "abab", "leave_one_out", [1.0, -2.0, -1.0, 2.0]),
        ([1.0, None, 0.0], "aaa", "leave_one_out", [1.0, None, -1.0]),
        ([2.0, None], "aa", "leave_one_out", [0.0, None]),
        ([], "", "group", []),
    ],
)
def test_advantages(
    totals: list[float | None], groups: str, scale: Advantages, values: list[float | None]
) -> None:
    found = advantages(totals, groups, scale=scale)
    assert found == [None if v is None else pytest.approx(v) for v in values]


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-5, 5)), max_size=30))
def test_they_sum_to_nothing_within_a_group(rows: list[tuple[int, float]]) -> None:
    groups, totals = [group for group, _ in rows], [total for _, total in rows]
    for group in set(groups):
        found = advantages(totals, groups, scale="none")
        mine = [a for a, g in zip(found, groups, strict=True) if g == group and a is not None]
        assert math.fsum(mine) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("totals", "silent"),
    [
        ([1.0, 1.0], True),
        ([0.0, 1.0], False),
        ([1.0, 0.0, 1.0], False),
        ([1.0, None], True),
        ([1.0, None, 1.0], True),
        ([1.0, None, 0.0], False),
        ([0.1 + 0.2, 0.3], True),
        ([None, None], True),
        ([], True),
    ],
)
def test_a_group_without_signal(totals: list[float | None], silent: bool) -> None:
    assert no_signal(totals) is silent
