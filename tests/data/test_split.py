"""Train and held-out problems never overlap, whatever the seeds, sizes and parameters."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reasoning_lab.data import Splits, load
from reasoning_lab.data.split import is_heldout, key
from reasoning_lab.schema.data import Mixture, Part, Procedural
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import question_of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1 + 1", "1  +\n1 ", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("a", "A", False),
        ("1 + 12", "11 + 2", False),
        ("1 + 1", "1 + 1 =", False),
        ("\ud800", "\ud800", True),
    ],
)
def test_what_is_the_same_problem(one: str, other: str, same: bool) -> None:
    assert (key(one) == key(other)) is same


def test_the_rule_is_frozen() -> None:
    # Shipped models were trained under this rule: were it to change, their held-out problems
    # would no longer be unseen.
    assert (
        key("State the final answer to the following arithmetic problem: 1 + 2 =")
        == 0x8FBAC861F5C3B1E6
    )
    share = sum(is_heldout(key(f"problem {number}")) for number in range(20_000)) / 20_000
    assert share == pytest.approx(0.1, abs=0.01)


TERMS = {"min_digits": 1, "max_digits": 2, "min_terms": 2}


def sums(seed: int, train: int, heldout: int, terms: int) -> Splits:
    params = {**TERMS, "max_terms": terms}
    return load(
        Procedural(kind="procedural", name="sums", task="chain_sum", example_task="math",
                   params=params,
                   train_size=train, heldout_size=heldout, seed=seed, too_long="drop")
    )  # fmt: skip


def mixed(seed: int, train: int, heldout: int, terms: int) -> Splits:
    def part(mode: Any, marker: Any, low: int) -> Part:
        params = {**TERMS, "min_terms": low, "max_terms": terms}
        return Part(task="chain_sum", params=params, share=1.0, mode=mode, marker=marker)

    parts = {"asked": part("think", "/think", 2), "plain": part("direct", None, 1)}
    return load(
        Mixture(kind="mixture", name="mixed", parts=parts, train_size=train,
                heldout_size=heldout, seed=seed, too_long="drop")
    )  # fmt: skip


def questions(examples: list[Example]) -> set[int]:
    return {key(question_of(example)) for example in examples}


SETTING = st.tuples(
    st.sampled_from([sums, mixed]),
    st.integers(0, 2**31 - 1),
    st.integers(1, 80),
    st.integers(1, 20),
    st.integers(2, 5),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SETTING, SETTING)
def test_never_overlap(one: Any, other: Any) -> None:
    first, second = one[0](*one[1:]), other[0](*other[1:])
    for splits, (_, _, train, heldout, _) in ((first, one), (second, other)):
        assert (len(splits.train), len(splits.heldout)) == (train, heldout)
    assert not (questions(first.train) | questions(second.train)) & (
        questions(first.heldout) | questions(second.heldout)
    )
