"""The cosine length reward at its ends, its middle and past its limit."""

import math
from typing import Any

import pytest

from reasoning_lab.rewards.length_cosine import length_cosine
from reasoning_lab.text.example import Completion
from rewards.rows import example

SETTING: dict[str, Any] = {
    "correct": "accuracy",
    "min_tokens": 0,
    "max_tokens": 100,
    "right_short": 2.0,
    "right_long": 1.0,
    "wrong_short": -10.0,
    "wrong_long": 0.0,
    "over": -10.0,
}


@pytest.mark.parametrize(
    ("tokens", "right", "value"),
    [
        (0, 1.0, 2.0),
        (25, 1.0, 1.5 + 0.5 * math.cos(math.pi / 4)),
        (50, 1.0, 1.5),
        (99, 1.0, 1.5 + 0.5 * math.cos(math.pi * 0.99)),
        (100, 1.0, -10.0),
        (500, 1.0, -10.0),
        (0, 0.0, -10.0),
        (50, 0.0, -5.0),
        (50, -1.0, -5.0),
        (99, 0.0, -5.0 - 5.0 * math.cos(math.pi * 0.99)),
        (100, 0.0, -10.0),
        (50, 0.3, 1.5),
        (50, None, None),
        (500, None, None),
    ],
)
def test_length_cosine(tokens: int, right: float | None, value: float | None) -> None:
    completion = Completion("x", tokens)
    paid = length_cosine(completion, example(), **SETTING, parts={"accuracy": right})
    assert paid == (None if value is None else pytest.approx(value))


def test_short_values_are_paid_in_full_up_to_the_least_length() -> None:
    setting = SETTING | {"min_tokens": 40}
    values = [
        length_cosine(Completion("x", tokens), example(), **setting, parts={"accuracy": 1.0})
        for tokens in (0, 40, 70, 99)
    ]
    assert values[:3] == [2.0, 2.0, pytest.approx(1.5)]


@pytest.mark.parametrize("least", [-1, 100, 101])
def test_out_of_range(least: int) -> None:
    setting = SETTING | {"min_tokens": least}
    with pytest.raises(ValueError, match="min_tokens must be from 0 to below max_tokens=100"):
        length_cosine(Completion("x", 1), example(), **setting, parts={"accuracy": 1.0})
