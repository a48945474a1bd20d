"""The repetition penalty: loops, natural text, texts without spaces, short texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.rewards.repetition import repetition
from rewards.rows import RIGHT, example, wrote

EIGHT = "one two three four five six seven eight"


@pytest.mark.parametrize(
    ("text", "n", "value", "why"),
    [
        ("", 3, 0.0, "short"),
        ("one", 3, 0.0, "short"),
        ("one two three", 3, 0.0, "one n-gram cannot repeat"),
        ("one one one one", 3, -0.5, "one of two is new"),
        (EIGHT, 3, 0.0, "nothing repeats"),
        (f"{EIGHT} {EIGHT}", 3, 2 / 14 * -3, "8 of 14 are new"),
        (f"{EIGHT} {EIGHT.upper()}", 3, -6 / 14, "upper and lower case alike"),
        ("a b " * 50, 2, -97 / 99, ""),
        ("x " * 1000, 1, -999 / 1000, ""),
        ("a" * 1000, 4, -996 / 997, "one run, read letter by letter"),
        ("首先我们需要计算" * 20, 4, 8 / 157 - 1, "no spaces"),
        (RIGHT, 3, 0.0, "worked sums"),
    ],
)
def test_repetition(text: str, n: int, value: float, why: str) -> None:
    assert repetition(wrote(text), example(), n=n) == pytest.approx(value), why


@given(st.text(), st.integers(1, 9))
def test_range(text: str, n: int) -> None:
    assert -1 < repetition(wrote(text), example(), n=n) <= 0


@given(st.lists(st.sampled_from("abcd"), min_size=4, max_size=40), st.integers(1, 4))
def test_a_text_said_twice_costs_more(words: list[str], n: int) -> None:
    once, twice = " ".join(words), " ".join([*words, *words])
    paid = [repetition(wrote(text), example(), n=n) for text in (once, twice)]
    assert paid[1] < paid[0] or paid[1] == pytest.approx(paid[0])


def test_out_of_range() -> None:
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        repetition(wrote("a"), example(), n=0)
