"""The shipped terms, each on a table of cases; and the strict metric."""

from dataclasses import replace

import pytest

from reasoning_lab.errors import DataError
from reasoning_lab.rewards.accuracy import accuracy
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.format import think_format
from reasoning_lab.rewards.scorer import scorer
from reasoning_lab.rewards.term import value_of
from reasoning_lab.text.example import Example
from rewards.rows import (
    ACCURACY,
    RIGHT,
    WRONG,
    drawn,
    example,
    reward,
    strict,
    strict_verdict,
    term,
    wrote,
)

FORMS = [
    ("<think>a</think><answer>b</answer>", 1.0, ""),
    ("<think>\na\n</think>\n<answer>\nb\n</answer>\n", 1.0, "spaces outside the tags"),
    ("", 0.0, ""),
    ("<answer>b</answer>", 0.0, "no thinking"),
    ("<think></think><answer>b</answer>", 0.0, "empty thinking"),
    ("<think> \n </think><answer>b</answer>", 0.0, "blank thinking"),
    ("<think>...</think><answer>b</answer>", 0.0, "thinking without a letter or digit"),
    ("<think>a</think><answer></answer>", 0.0, "empty answer"),
    ("<think>a</think>", 0.0, ""),
    ("<think>a</think>b", 0.0, ""),
    ("<think>a<answer>b</answer></think>", 0.0, "answer inside thinking"),
    ("<answer>b</answer><think>a</think>", 0.0, "reversed"),
    ("</think>a<think><answer>b</answer>", 0.0, ""),
    ("<think>a</think><answer>b", 0.0, "cut off"),
    ("<think>a<answer>b</answer>", 0.0, "thinking never closes"),
    ("<think>a</think><think>a</think><answer>b</answer>", 0.0, "thinks twice"),
    ("<think><think>a</think></think><answer>b</answer>", 0.0, "nested"),
    ("<think>a</think><answer>b</answer><answer>b</answer>", 0.0, "answers twice"),
    ("<think>a</think><answer><answer>b</answer></answer>", 0.0, "nested"),
    ("Well, <think>a</think><answer>b</answer>", 0.0, "text before"),
    ("<think>a</think> so <answer>b</answer>", 0.0, "text between"),
    ("<think>a</think><answer>b</answer> done", 0.0, "text after"),
    ("<THINK>a</THINK><answer>b</answer>", 0.0, "tags are exact"),
]


@pytest.mark.parametrize(("text", "value", "why"), FORMS)
def test_format_is_all_or_nothing(text: str, value: float, why: str) -> None:
    assert think_format(wrote(text), example(), partial=0.0) == value, why


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (RIGHT, 1.0),
        ("", 0.0),
        ("<think>a", 0.1),
        ("<answer>b</answer>", 0.2),
        ("<think>a</think><answer>b", 0.3),
        ("<answer>b</answer><think>a</think>", 0.4),
        ("<think>" * 9, 0.0),
    ],
)
def test_partial_credit_counts_tags_that_stand_once(text: str, value: float) -> None:
    assert think_format(wrote(text), example(), partial=0.4) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "row", "value"),
    [
        (RIGHT, example(), 1.0),
        ("<answer>42.0</answer>", example(), 1.0),
        (WRONG, example(), 0.0),
        ("no idea", example(), 0.0),
        (RIGHT, example(""), None),
        (RIGHT, example(task="code"), None),
        (RIGHT, example(task="chat"), None),
        (RIGHT, example(task="logic"), 1.0),
    ],
)
def test_accuracy(text: str, row: Example, value: float | None) -> None:
    (said,) = accuracy([(wrote(text), row)])
    assert value_of(said) == value


@pytest.mark.parametrize(
    ("text", "finish", "right", "why"),
    [
        (RIGHT, "stop", True, ""),
        ("<answer>42</answer>", "stop", True, "thinking is not required"),
        (r"<think>6 * 7</think> \boxed{42}", "stop", True, ""),
        (RIGHT, "length", False, "the model never ended its turn"),
        (WRONG, "stop", False, ""),
        (RIGHT + "<answer>42</answer>", "stop", False, "answered twice"),
        (r"\boxed{42} \boxed{41}", "stop", False, ""),
        ("<think>6 * 7<answer>42</answer>", "stop", False, "thinking never closes"),
        ("6 * 7</think><answer>42</answer>", "stop", False, "closed, never opened"),
        ("Hm. <think>6 * 7</think><answer>42</answer>", "stop", False, "text before thinking"),
        ("<answer>42</answer><think>42</think>", "stop", False, ""),
        ("42", "stop", False, ""),
        ("", "stop", False, ""),
    ],
)
def test_strict(text: str, finish: str, right: bool, why: str) -> None:
    assert strict(wrote(text, finish), example()) is right, why


@pytest.mark.parametrize(
    ("text", "finish", "verdict"),
    [
        (RIGHT, "stop", "correct"),
        (WRONG, "stop", "wrong"),
        (RIGHT, "length", "wrong"),
        (RIGHT + "<answer>42</answer>", "stop", "wrong"),
        (r"\boxed{42} \boxed{41}", "stop", "wrong"),
        ("6 * 7</think><answer>42</answer>", "stop", "wrong"),
        ("<think>6 * 7 is", "length", "unparsable"),
        ("<think>6 * 7<answer>42</answer>", "stop", "unparsable"),
        ("42", "stop", "unparsable"),
        ("", "stop", "unparsable"),
    ],
)
def test_what_is_not_right_has_the_judges_word(text: str, finish: str, verdict: str) -> None:
    found = strict_verdict(wrote(text, finish), example())
    assert found.value == verdict
    if finish == "stop" and verdict != "wrong":
        assert found is Composer(reward(accuracy=ACCURACY)).score(wrote(text), example()).verdict


@pytest.fixture(scope="module")
def chain() -> Example:
    (found,) = drawn("chain_sum")
    return found


def test_the_scorer_is_the_tasks_own(chain: Example) -> None:
    right = f"<think>steps</think><answer>{chain.answer}</answer>"
    assert scorer(wrote(right), chain) == 1.0
    assert scorer(wrote("<answer>no</answer>"), chain) == 0.0
    assert scorer(wrote(f"<think>{chain.answer}</think>"), chain) == 0.0
    assert scorer(wrote(rf"\boxed{{{chain.answer}}} \boxed{{0}}"), chain) == 0.0
    assert scorer(wrote(right), example()) is None
    assert strict(wrote(right), chain)


def test_strict_takes_full_marks_only() -> None:
    (row,) = drawn("countdown")
    target = row.meta["entry"]["metadata"]["target"]
    numbers = row.meta["entry"]["metadata"]["numbers"]
    expression = row.meta["entry"]["metadata"]["expression"]
    assert strict(wrote(f"<answer>{expression}</answer>"), row), "any right expression is right"
    assert not strict(wrote(f"<answer>{target}</answer>"), row)
    near = " + ".join(map(str, numbers))
    partly = scorer(wrote(f"<answer>{near}</answer>"), row)
    assert partly is not None
    assert 0 < partly < 1, "the scorer pays a little for an expression that misses"
    assert not strict(wrote(f"<answer>{near}</answer>"), row)


def test_a_gold_that_the_tasks_scorer_does_not_pay_is_refused_before_training(
    chain: Example,
) -> None:
    terms = {"accuracy": ACCURACY, "scorer": term("reasoning_lab.rewards.scorer:scorer")}
    composer = Composer(reward(**terms))
    composer.check([chain, example()])
    wrong = [replace(chain, id=name, answer="no number") for name in ("a", "b")]
    with pytest.raises(DataError, match=r"pays its own gold answer only .*2 rows \('a', 'b'\)"):
        composer.check(wrong)
