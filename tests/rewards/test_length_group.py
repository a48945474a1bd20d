"""Length against the group: the formula of Kimi k1.5 on small groups."""

import pytest

from reasoning_lab.rewards.length_group import length_group
from reasoning_lab.text.example import Completion
from rewards.rows import example


@pytest.mark.parametrize(
    ("lengths", "right", "values", "why"),
    [
        ([10, 20, 30], [1, 1, 1], [0.5, 0.0, -0.5], ""),
        ([10, 20, 30], [0, 0, 0], [0.0, 0.0, -0.5], "wrong is never paid for being short"),
        ([10, 30, 10, 30], [1, 1, 0, 0], [0.5, -0.5, 0.0, -0.5], ""),
        ([30, 10, 15], [1, 0, 1], [-0.5, 0.0, 0.25], "the wrong one's length counts too"),
        ([20, 20, 20], [1, 0, 1], [0.0, 0.0, 0.0], "equal lengths"),
        ([20], [1], [0.0], "a group of one"),
        ([0, 10], [1, 1], [0.5, -0.5], ""),
        ([10, 20, 90], [1, 1, None], [0.5, -0.5, None], "left out with its length"),
        ([10, 20], [None, None], [None, None], ""),
        ([10, 20], [0.2, -1], [0.5, -0.5], "right is what is valued above 0"),
        ([], [], [], ""),
    ],
)
def test_length_group(
    lengths: list[int], right: list[float | None], values: list[float | None], why: str
) -> None:
    completions = [Completion("x", tokens) for tokens in lengths]
    parts = [{"accuracy": value} for value in right]
    paid = length_group(completions, example(), correct="accuracy", parts=parts)
    assert paid == [None if v is None else pytest.approx(v) for v in values], why
