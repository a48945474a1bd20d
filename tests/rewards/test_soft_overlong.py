"""Soft overlong punishment: DAPO's equation 13, with its own numbers."""

import pytest

from reasoning_lab.rewards.soft_overlong import soft_overlong
from reasoning_lab.text.example import Completion
from rewards.rows import example


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        (0, 0.0),
        (12_288, 0.0),
        (12_289, -1 / 4096),
        (13_312, -0.25),
        (14_336, -0.5),
        (16_384, -1.0),
        (16_385, -1.0),
        (1_000_000, -1.0),
    ],
)
def test_soft_overlong(tokens: int, value: float) -> None:
    completion = Completion("x", tokens)
    paid = soft_overlong(completion, example(), max_tokens=16_384, cache_tokens=4_096)
    assert paid == pytest.approx(value)


@pytest.mark.parametrize(
    ("most", "cache", "said"),
    [(0, 1, "max_tokens must be"), (8, 0, "cache_tokens must be"), (8, 9, "cache_tokens must be")],
)
def test_out_of_range(most: int, cache: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        soft_overlong(Completion("x", 1), example(), max_tokens=most, cache_tokens=cache)
