"""`data=tiny_code`: repeatable, split by content, and every test agrees with the reference."""

from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.data import load
from reasoning_lab.data.split import is_heldout, key
from reasoning_lab.data.tiny_code_families import FAMILIES
from reasoning_lab.errors import ConfigError, DataError
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.door import check
from reasoning_lab.text.code_tests import CallTest, read_tests
from reasoning_lab.text.prompts import question_of


def data(**changes: Any) -> Procedural:
    plain = {"kind": "procedural", "name": "t", "task": "tiny_code", "params": {},
             "example_task": "code", "train_size": 400, "heldout_size": 40, "seed": 0,
             "too_long": "drop"}  # fmt: skip
    return Procedural.model_validate({**plain, **changes})


def test_the_same_again_and_split_by_content() -> None:
    splits = load(data())
    assert splits == load(data())
    assert {is_heldout(key(question_of(row))) for row in splits.heldout} == {True}
    assert {is_heldout(key(question_of(row))) for row in splits.train} == {False}
    assert {row.meta["family"] for row in splits.train} == set(FAMILIES)
    assert {row.task for row in splits.train} == {"code"}


def test_each_test_agrees_with_the_reference_and_few_constants_pass() -> None:
    constant = 0
    for row in load(data()).train:
        program: dict[str, Any] = {}
        exec(row.answer, program)
        expected = []
        for test in read_tests(row.tests):
            assert isinstance(test, CallTest)
            got = program[test.fn](*test.args)
            assert type(got) is type(test.expected)
            assert got == pytest.approx(test.expected) if isinstance(got, float) else True
            assert isinstance(got, float) or got == test.expected, row.answer
            expected.append(test.expected)
        constant += all(one == expected[0] for one in expected)
    assert constant <= 4


def test_parameters_are_kept_or_refused() -> None:
    rows = load(data(params={"tests": 3, "families": ["linear", "clip"]}, train_size=50)).train
    assert {len(row.tests) for row in rows} == {3}
    assert {row.meta["family"] for row in rows} == {"linear", "clip"}
    with pytest.raises(
        DataError, match=r"(?s)params.test: .*did you mean tests\?.*no family 'linar'"
    ):
        load(data(params={"test": 3, "families": ["linar"]}))
    with pytest.raises(DataError, match="from 1 to 50"):
        load(data(params={"tests": 0}))
    with pytest.raises(ConfigError, match="must be a whole number"):
        check(compose(["data=tiny_code", "data.params.tests=many", "tracker=none"]))
