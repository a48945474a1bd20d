"""Every written step is true, and the last one ends in the answer."""

import re
from fractions import Fraction
from typing import Any

import pytest

from reasoning_lab.data.tasks import create
from reasoning_lab.data.traces import WRITERS, trace

PARAMS: list[tuple[str, dict[str, Any]]] = [
    ("chain_sum", {}),
    ("chain_sum", {"min_terms": 1, "max_terms": 1}),
    ("chain_sum", {"allow_negation": True, "max_digits": 30}),
    ("decimal_chain_sum", {}),
    ("products", {}),
    ("products", {"max_terms": 4, "max_digits": 2, "allow_negation": True}),
    ("gcd", {}),
    ("gcd", {"min_numbers": 2, "max_numbers": 4}),
    ("lcm", {}),
    ("lcm", {"min_numbers": 2, "max_numbers": 4}),
]
NUMBER = r"-?\d+(?:\.\d+)?"
STEP = re.compile(rf"({NUMBER})(?:([-+*/])({NUMBER}))?=({NUMBER})")
DIVISION = re.compile(r"(\d+)=(\d+)\*(\d+)\+(\d+)")
DIVISOR = re.compile(r"gcd\((\d+),(\d+)\)=(\d+)")


def is_true(line: str) -> bool:
    if match := DIVISION.fullmatch(line):
        whole, quotient, divisor, rest = map(int, match.groups())
        return whole == quotient * divisor + rest and rest < divisor
    if match := DIVISOR.fullmatch(line):
        return all(int(match[i]) % int(match[3]) == 0 for i in (1, 2))
    match = STEP.fullmatch(line)
    assert match is not None, line
    left, sign, right, result = match.groups()
    value = Fraction(left)
    if sign is not None:
        a, b = value, Fraction(right)
        value = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else a}[sign]
    return value == Fraction(result)


@pytest.mark.parametrize(("task", "params"), PARAMS)
def test_steps_are_true_and_end_in_the_answer(task: str, params: dict[str, Any]) -> None:
    source = create(task, params, seed=3)
    for index in range(200):
        entry = source.draw(index)
        steps = trace(task, entry)
        assert steps is not None
        lines = steps.splitlines()
        assert all(is_true(line) for line in lines), steps
        assert Fraction(lines[-1].rsplit("=", 1)[1]) == Fraction(entry["answer"])


def test_every_writer_is_tested() -> None:
    assert {task for task, _ in PARAMS} == set(WRITERS)


def test_no_writer_no_trace() -> None:
    assert trace("sudoku", {"question": "", "answer": "", "metadata": {}}) is None
