"""Answers that are code never reach a scorer that would run them; true answers do."""

import pytest

from reasoning_lab.data.guard import EVALUATES, PARSES, safe
from reasoning_lab.data.tasks import create

CODE = [
    "__import__('os').abort()",
    "exec(chr(49))",
    "exit()",
    "open('x', 'w')",
    "[exit() for x in (1, 2)]",
    "(lambda: 1)()",
    "().__class__",
    "[1] * 10**9",
    "9**9**9",
    "9**(9**9)",
    "((9**50)**50)**50",
    "2**(99*99*99)",
    "2**1000000000",
    "1e999999999",
    "f'{exit()}'",
    "{**locals()}",
    "(" * 5000 + ")" * 5000,
]


@pytest.mark.parametrize("task", sorted(EVALUATES | PARSES))
@pytest.mark.parametrize("answer", CODE)
def test_code_is_refused(task: str, answer: str) -> None:
    # What Python cannot parse does nothing in `eval`.
    assert not safe(task, answer) or (task in EVALUATES and answer.startswith("((((("))


@pytest.mark.parametrize("answer", ["9!!!!!!", "x.diff()", "factorial(9)", "foo", "1 if x else 2"])
def test_only_arithmetic_is_parsed(answer: str) -> None:
    assert not safe("simple_integration", answer)


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("simple_integration", "3*x**2/2 - sin(x)*exp(-x) + C"),
        ("simple_integration", "log(x)/2 + sqrt(x) + 2*x**(3/2)"),
        ("polynomial_multiplication", "-12*a**3*b + 7.5*(a + 1)**2"),
        ("polynomial_multiplication", "x" + " + x" * 450),
        ("countdown", "(25 + 7) * 3 - 4/2"),
        ("spiral_matrix", "[1, -2, 3]"),
        ("spiral_matrix", "1 2 3"),
        ("string_insertion", "ABCDE"),
        ("string_insertion", "['A', 'B']"),
        ("n_queens", "_ Q\nQ _"),
        ("chain_sum", "anything (at) all"),
    ],
)
def test_plain_answers_pass(task: str, answer: str) -> None:
    assert safe(task, answer)


@pytest.mark.parametrize("task", sorted(EVALUATES | PARSES))
def test_gold_answers_pass(task: str) -> None:
    source = create(task, {}, seed=5)
    for index in range(2):
        answer = source.draw(index)["answer"]
        # An integral that the generator left unevaluated restates the question.
        assert safe(task, str(answer)) or "Integral" in answer, answer


@pytest.mark.parametrize("task", ["countdown", "n_queens", "chain_sum"])
def test_long_answers_are_refused(task: str) -> None:
    assert not safe(task, "1 " * 60_000)
