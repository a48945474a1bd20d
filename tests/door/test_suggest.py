"""Did you mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.schema.suggest import did_you_mean, near

KEYS = ["stage.num_generations", "stage.max_steps", "stage.learning_rate", "seed", "output"]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("stage.num_generatoins", ["stage.num_generations"]),
        ("num_generations", ["stage.num_generations"]),
        ("lr", ["stage.learning_rate"]),
        ("sede", ["seed"]),
        ("frobnicate", []),
    ],
)
def test_near(word: str, found: list[str]) -> None:
    assert near(word, KEYS) == found


def test_nothing_near_lists_all() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "there are a, b"


@given(st.lists(st.text(min_size=1), min_size=1), st.data())
def test_a_right_name_comes_first(names: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(names))
    assert near(word, names)[0].lower() == word.lower() or word in near(word, names)
