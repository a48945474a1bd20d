"""Mixtures: exact shares, both modes, markers, and a fixed order."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.data import load
from reasoning_lab.data.mixture import counts
from reasoning_lab.data.scoring import check
from reasoning_lab.errors import DataError
from reasoning_lab.schema.data import Mixture

PART = {"task": "chain_sum", "params": {"max_digits": 2}, "share": 1.0, "mode": "direct",
        "marker": None}  # fmt: skip
PARTS: dict[str, dict[str, Any]] = {
    "asked": {**PART, "share": 0.5, "mode": "think", "marker": "/think"},
    "unasked": {**PART, "share": 0.2, "mode": "think"},
    "plain": {**PART, "share": 0.2, "marker": "/no_think"},
    "small": {**PART, "share": 0.1, "task": "gcd", "params": {"max_value": 12}},
}


def data(parts: dict[str, dict[str, Any]], **changes: Any) -> Mixture:
    plain = {"kind": "mixture", "name": "m", "parts": parts, "train_size": 2000,
             "heldout_size": 30, "seed": 0, "too_long": "drop"}  # fmt: skip
    return Mixture.model_validate({**plain, **changes})


def test_shares_modes_and_markers() -> None:
    splits = load(data(PARTS))
    for rows in (splits.train, splits.heldout):
        by_part = Counter(row.meta["part"] for row in rows)
        assert by_part == counts({name: part["share"] for name, part in PARTS.items()}, len(rows))
        assert len({row.id for row in rows}) == len(rows)
        for row in rows:
            part = PARTS[row.meta["part"]]
            assert (row.trace is not None) is (part["mode"] == "think")
            system = [turn["content"] for turn in row.prompt if turn["role"] == "system"]
            assert system == ([part["marker"]] if part["marker"] else [])
            assert row.prompt[-1]["role"] == "user"
    assert {row.meta["part"] for row in splits.train[:40]} == set(PARTS)  # mixed, not in blocks


def test_a_part_may_ask_for_more_rows_than_there_are_problems() -> None:
    small = [row for row in load(data(PARTS)).train if row.meta["part"] == "small"]
    assert len(small) == 200 > len({row.prompt[-1]["content"] for row in small})


def test_same_data_same_rows() -> None:
    assert load(data(PARTS)) == load(data(PARTS))
    assert load(data(PARTS)) != load(data(PARTS, seed=1))


def test_rows_are_scored_by_drawing_them_again() -> None:
    for row in load(data(PARTS)).heldout:
        check(row)


OWN: dict[str, dict[str, Any]] = {
    "code": {**PART, "task": "code_chain", "params": {"min_steps": 1, "max_steps": 3, "tests": 2},
             "mode": "think", "marker": "/think"},
    "code_direct": {**PART, "task": "tiny_code", "params": {"tests": 2, "families": ["clip"]}},
    "logic": {**PART, "task": "swaps", "params": {"things": 4, "min_swaps": 1, "max_swaps": 5},
              "mode": "think"},
    "plain": {**PART, "task": "instructions",
              "params": {"min_words": 2, "max_words": 4, "kinds": ["sort"]}},
    "gym": PART,
}  # fmt: skip


def test_the_labs_own_tasks_stand_beside_those_of_reasoning_gym() -> None:
    splits = load(data(OWN, train_size=200))
    tasks = {
        "code": "code",
        "code_direct": "code",
        "logic": "logic",
        "plain": "chat",
        "gym": "math",
    }
    for row in [*splits.train, *splits.heldout]:
        part = OWN[row.meta["part"]]
        assert row.task == tasks[row.meta["part"]]
        assert (row.trace is not None) is (part["mode"] == "think")
        assert len(row.tests) == (2 if row.task == "code" else 0)
        system = [turn["content"] for turn in row.prompt if turn["role"] == "system"]
        assert system == ([part["marker"]] if part["marker"] else [])
    questions = [{row.prompt[-1]["content"] for row in rows}
                 for rows in (splits.train, splits.heldout)]  # fmt: skip
    assert not questions[0] & questions[1]
    assert load(data(OWN, train_size=200)) == splits


@given(
    st.dictionaries(st.text(max_size=3), st.floats(1e-3, 1e3), min_size=1, max_size=8),
    st.integers(1, 10_000_000),
)
def test_counts_are_exact(shares: dict[str, float], total: int) -> None:
    result = counts(shares, total)
    assert sum(result.values()) == total
    whole = sum(shares.values())
    assert all(abs(result[name] - total * shares[name] / whole) < 1 + 1e-6 for name in shares)


CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"task": "sudoku", "params": {}, "mode": "think"}, ["data.parts.p.mode", "use mode=direct"]),
    (
        {"task": "instructions", "params": {}, "mode": "think"},
        ["data.parts.p.mode", "use mode=direct"],
    ),
    (
        {"task": "swaps", "params": {"things": 2, "min_swaps": 1, "max_swaps": 3}},
        ["data.parts.p.params.things", "from 3 to 9"],
    ),
    ({"task": "gdc"}, ["data.parts.p.task", "did you mean gcd?"]),
    ({"params": {"max_digit": 2}}, ["data.parts.p.params.max_digit", "did you mean max_digits?"]),
    (
        {"task": "gcd", "params": {"max_value": 2}},
        ["data.parts.p.params", "too few different problems"],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_errors_name_the_part(changes: dict[str, Any], expected: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        load(data({"p": {**PART, **changes}}))
    for words in expected:
        assert words in str(caught.value)
