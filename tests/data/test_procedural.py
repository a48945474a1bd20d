"""Procedural problems: repeatable, without repeats, and with errors a user can act on."""

import json
import pickle
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.data import load
from reasoning_lab.data.makers import MAKERS
from reasoning_lab.data.scoring import check, score
from reasoning_lab.errors import DataError
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.text.prompts import question_of


def data(task: str = "chain_sum", **changes: Any) -> Procedural:
    plain = {"kind": "procedural", "name": "t", "task": task, "example_task": "math",
             "params": {}, "train_size": 30, "heldout_size": 10, "seed": 0,
             "too_long": "drop"}  # fmt: skip
    return Procedural.model_validate({**plain, **changes})


@pytest.mark.parametrize("task", ["math", "logic", "chat"])
def test_rows_are_of_the_task_that_is_said(task: str) -> None:
    chosen = data(example_task=task)
    splits = load(chosen)
    assert {row.task for row in [*splits.train, *splits.heldout]} == {chosen.row_task} == {task}


def test_each_own_task_has_its_maker_and_its_choice() -> None:
    assert MAKERS.keys() == OWN_TASKS.keys()
    for name, own in OWN_TASKS.items():
        chosen = compose([f"data={name}", "data.train_size=9", "data.heldout_size=3"])["data"]
        made = Procedural.model_validate(chosen)
        assert made.params.keys() == own.params.keys()
        assert {row.task for row in load(made).train} == {made.row_task} == {own.row_task}


def test_same_data_same_examples() -> None:
    assert load(data()) == load(data())


def test_a_larger_size_begins_with_the_smaller() -> None:
    small, large = load(data()), load(data(train_size=60, heldout_size=20))
    assert large.train[:30] == small.train
    assert large.heldout[:10] == small.heldout


def test_neighbouring_seeds_share_no_stream() -> None:
    one, other = load(data(seed=0)), load(data(seed=1))
    shared = {question_of(e) for e in one.train} & {question_of(e) for e in other.train}
    assert len(shared) < 3


def test_examples_are_different_and_named() -> None:
    splits = load(data(params={"max_terms": 2, "max_digits": 1}))
    rows = splits.train + splits.heldout
    assert len({question_of(row) for row in rows}) == len({row.id for row in rows}) == 40
    assert splits.train[0].id.startswith("chain_sum-train-")
    assert splits.heldout[0].id.startswith("chain_sum-heldout-")


# One of every kind: plain, no gold answer, tuples in metadata, guarded scorer, many-line answer.
KINDS = ["chain_sum", "gcd", "graph_color", "rearc", "spiral_matrix", "simple_integration",
         "n_queens", "simple_equations", "letter_counting", "decimal_arithmetic"]  # fmt: skip


@pytest.mark.parametrize("task", KINDS)
def test_any_task_with_its_own_scorer(task: str) -> None:
    splits = load(data(task, train_size=3, heldout_size=1))
    for example in splits.train + splits.heldout:
        check(example)
        json.dumps(example.meta)
        assert pickle.loads(pickle.dumps(example)) == example
        for hostile in ("", None, "17", "zzz", "[1, 2", "9" * 10_000):
            assert 0 <= score(hostile, example) < 1


CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"task": "chain_sums"}, ["data.task", "did you mean chain_sum?"]),
    ({"task": "composite"}, ["data.task", "use a mixture"]),
    (
        {"params": {"min_term": 2, "seed": 3, "size": 9}},
        ["data.params.min_term", "did you mean min_terms?", "set `data.seed`", "data.train_size"],
    ),
    ({"params": {"min_terms": 9}}, ["data.params", "max_terms must be >= min_terms"]),
    ({"params": {"min_terms": "two"}}, ["data.params", "'two'"]),
    ({"params": {"min_terms": 2.5}}, ["data.params", "item 0"]),
    (
        {"params": {"max_terms": 2, "max_digits": 1}, "train_size": 500},
        ["data.params", "too few different problems", "of 500 for training", "lower the sizes"],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_errors_say_what_and_how(changes: dict[str, Any], expected: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        load(data(**changes))
    for words in expected:
        assert words in str(caught.value)
