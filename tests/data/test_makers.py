"""The lab's own tasks: every step is true, the last one says the answer, and near misses are wrong.

The oracles are Python's: its arithmetic, `eval` of an expression, a program that is run.
"""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise, product
from math import gcd
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoning_lab.cli.compose import compose
from reasoning_lab.data import load
from reasoning_lab.data.makers import MAKERS, open_maker
from reasoning_lab.data.makers.instructions import KINDS
from reasoning_lab.data.split import is_heldout, key
from reasoning_lab.errors import DataError
from reasoning_lab.judges.math.verify import verify
from reasoning_lab.rewards.language import language
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.text.code_tests import CallTest, read_tests
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.grammar import render
from reasoning_lab.text.prompts import question_of

NEW = sorted(OWN_TASKS.keys() - {"tiny_code"})
SHIPPED = {task: dict(compose([f"data={task}"])["data"]["params"]) for task in NEW}
HARDER: dict[str, dict[str, Any]] = {
    "column_sum": {"min_digits": 1, "max_digits": 12, "language": "de"},
    "euclid": {"max_divisor": 700, "max_factor": 80},
    "signs": {"min_numbers": 3, "max_numbers": 5, "max_value": 30},
    "boolean": {"expressions": 4, "min_operators": 2, "max_operators": 8},
    "swaps": {"things": 7, "min_swaps": 1, "max_swaps": 20},
    "code_chain": {"min_steps": 1, "max_steps": 12, "tests": 4},
    "instructions": {"min_words": 2, "max_words": 12, "kinds": None},
}
SIGN_OF = {"plus": "+", "minus": "-", "times": "*"}

seeds = given(st.integers(0, 2**40), st.booleans())
each = pytest.mark.parametrize("task", NEW)


def item(task: str, seed: int, hard: bool = False) -> dict[str, Any]:
    return open_maker(task, (HARDER if hard else SHIPPED)[task], seed).draw(0)


def lines(entry: dict[str, Any]) -> list[str]:
    return str(entry["trace"]).splitlines()


def test_every_own_task_is_tested() -> None:
    assert MAKERS.keys() == OWN_TASKS.keys()
    assert HARDER.keys() == SHIPPED.keys()


@settings(deadline=None)
@seeds
def test_sums_are_written_column_by_column(seed: int, hard: bool) -> None:
    entry = item("column_sum", seed, hard)
    first, second = re.findall(r"\d+", entry["question"])
    assert entry["answer"] == str(int(first) + int(second))
    steps = lines(entry)
    assert len(steps) == len(first) == len(second)
    for place, line in enumerate(steps, 1):
        sum_, end = re.fullmatch(r"(\S+) \D+ (\d+)", line).groups()  # type: ignore[union-attr]
        left, right = sum_.split("=")
        assert eval(left) == int(right)
        assert (left[0], left[2]) == (first[-place], second[-place])
        so_far = str(int(first[-place:]) + int(second[-place:]))
        assert end == (so_far if place == len(first) else so_far.zfill(place)[-place:])
    assert steps[-1].endswith(f" {entry['answer']}")


@settings(deadline=None)
@given(st.integers(0, 2**40))
def test_both_languages_have_the_same_sums(seed: int) -> None:
    params = SHIPPED["column_sum"]
    english, german = (
        open_maker("column_sum", {**params, "language": language}, seed).draw(3)
        for language in ("en", "de")
    )
    assert english["answer"] == german["answer"]
    for part in ("question", "trace"):
        assert english[part] != german[part]
        assert re.findall(r"[\d+=]+", english[part]) == re.findall(r"[\d+=]+", german[part])


@settings(deadline=None)
@seeds
def test_euclid_divides_down_to_the_divisor(seed: int, hard: bool) -> None:
    entry = item("euclid", seed, hard)
    first, second = map(int, re.findall(r"\d+", entry["question"]))
    assert entry["answer"] == str(gcd(first, second))
    *divisions, last = lines(entry)
    high, low = max(first, second), min(first, second)
    for line in divisions:
        left, right = line.split("=")
        assert (int(left), eval(right)) == (high, high)
        assert right == f"{high // low}*{low}+{high % low}"
        high, low = low, high % low
    assert low == 0
    assert first > second
    assert last == f"gcd({first},{second})={entry['answer']}"


@settings(deadline=None, max_examples=50)
@seeds
def test_signs_are_found_by_trying_each(seed: int, hard: bool) -> None:
    entry = item("signs", seed, hard)
    asked = re.fullmatch(r".* between ([\d ]+) to make (-?\d+), .*", entry["question"])
    assert asked is not None
    numbers, target = asked[1].split(), int(asked[2])
    right = [
        signs
        for signs in product(SIGN_OF, repeat=len(numbers) - 1)
        if _left_to_right(numbers, [SIGN_OF[sign] for sign in signs]) == target
    ]
    assert right == [tuple(entry["answer"].split())]
    *tries, last = lines(entry)
    assert last == entry["answer"]
    for line in tries:
        sum_, *verdict = line.split(" ")
        left, value = sum_.split("=")
        assert eval(left) == int(value)
        if verdict:
            assert verdict == ["yes" if int(value) == target else "no"]
    assert [line for line in tries if "yes" in line] == tries[-1:]


def _left_to_right(numbers: list[str], signs: list[str]) -> int:
    value = int(numbers[0])
    for sign, number in zip(signs, numbers[1:], strict=True):
        value = eval(f"({value}){sign}{number}")
    return value


@settings(deadline=None)
@seeds
def test_expressions_keep_their_value_at_each_step(seed: int, hard: bool) -> None:
    entry = item("boolean", seed, hard)
    asked = entry["question"].removeprefix("Evaluate ").removesuffix(".").split("; ")
    values = [str(eval(expression)) for expression in asked]
    assert entry["answer"] == " ".join(values)
    *chains, last = lines(entry)
    assert last == entry["answer"]
    for expression, value, chain in zip(asked, values, chains, strict=True):
        steps = chain.split(" = ")
        assert (steps[0], steps[-1]) == (expression, value)
        assert {str(eval(step)) for step in steps} == {value}
        operations = [len(re.findall("and|or|not", step)) for step in steps]
        assert all(a - b == 1 for a, b in pairwise(operations)), "one operation a step"


@settings(deadline=None)
@seeds
def test_swaps_are_followed_one_by_one(seed: int, hard: bool) -> None:
    entry = item("swaps", seed, hard)
    row = re.findall(r"stand ([a-z ]+)\.", entry["question"])[0].split()
    swaps = re.findall(r"\d-\d", entry["question"])
    assert len(swaps) == len(lines(entry))
    for swap, line in zip(swaps, lines(entry), strict=True):
        a, b = (int(place) - 1 for place in swap.split("-"))
        row = [row[b] if n == a else row[a] if n == b else word for n, word in enumerate(row)]
        assert line == f"{swap}: {' '.join(row)}"
    assert entry["answer"] == " ".join(row)


@settings(deadline=None)
@seeds
def test_a_chain_is_planned_from_the_inside_and_passes_its_tests(seed: int, hard: bool) -> None:
    entry = item("code_chain", seed, hard)
    asked = entry["question"].partition("steps: ")[2].removesuffix(".").split(", ")
    planned = [line.partition(": ") for line in lines(entry)]
    assert [step for step, _, _ in planned] == asked
    assert entry["answer"].endswith(f"return {planned[-1][2]}")
    program: dict[str, Any] = {}
    exec(entry["answer"], program)
    for test in read_tests(tuple(entry["tests"])):
        assert isinstance(test, CallTest)
        assert program["f"](*test.args) == test.expected
        x = value = test.args[0]
        for step, _, expression in planned:
            value = WORDED[re.sub(r"\d", "N", step)](
                value, int((re.findall(r"\d", step) or [0])[0])
            )
            assert eval(expression, {"x": x}) == value, expression


WORDED: dict[str, Callable[[int, int], int]] = {
    "add N": lambda x, n: x + n,
    "subtract N": lambda x, n: x - n,
    "multiply by N": lambda x, n: x * n,
    "divide by N rounding down": lambda x, n: (x - x % n) // n,
    "subtract from N": lambda x, n: n - x,
    "take the absolute value": lambda x, n: -x if x < 0 else x,
    "raise to at least N": lambda x, n: n if x < n else x,
    "lower to at most N": lambda x, n: n if x > n else x,
}


@settings(deadline=None)
@seeds
def test_instructions_ask_for_what_the_answer_is(seed: int, hard: bool) -> None:
    entry = item("instructions", seed, hard)
    request, _, given_ = entry["question"].partition(": ")
    words = re.split("[ _]", given_)
    spoken = request.split()
    wanted = {
        "copy": words,
        "part": words,
        "join": words,
        "reverse": words[::-1],
        "sort": sorted(words),
        "first": words[:1],
        "last": words[-1:],
        "without": [word for word in words if word != spoken[-1]],
        "replace": [spoken[1] if word == spoken[-1] else word for word in words],
    }
    assert wanted.keys() == KINDS.keys()
    between = "_" if entry["kind"] == "join" else " "
    assert entry["answer"] == between.join(wanted[entry["kind"]])
    assert entry["trace"] is None


@each
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**40))
def test_near_misses_are_wrong(task: str, seed: int) -> None:
    entry = item(task, seed)
    gold = entry["answer"]
    if task == "code_chain":
        return
    assert judged(gold, gold, entry) is Verdict.CORRECT
    between = "_" if entry.get("kind") == "join" else " "
    words = gold.split(between)
    missed = {between.join(words[1:]), between.join([*words, words[-1]]), f"{gold}1"}
    missed |= {between.join([*words[:n], b, a, *words[n + 2 :]])
               for n, (a, b) in enumerate(pairwise(words))}  # fmt: skip
    if gold.isdigit():
        missed |= {str(int(gold) + 1), gold[::-1] + "7"}
    for answer in missed - {gold}:
        assert judged(answer, gold, entry) is not Verdict.CORRECT, answer


def judged(answer: str, gold: str, entry: dict[str, Any]) -> Verdict:
    return verify(f"<answer>{answer}</answer>", gold, question=entry["question"]).verdict


@each
def test_rows_are_split_by_their_text_and_the_same_again(task: str) -> None:
    chosen = compose([f"data={task}", "data.train_size=300", "data.heldout_size=50"])["data"]
    data = Procedural.model_validate(chosen)
    splits = load(data)
    assert splits == load(data)
    for rows, held_out in ((splits.train, False), (splits.heldout, True)):
        questions = [question_of(row) for row in rows]
        assert {is_heldout(key(question)) for question in questions} == {held_out}
        assert len(set(questions)) == len(rows)
        assert {row.trace is None for row in rows} == {not OWN_TASKS[task].has_steps}


def test_no_answer_is_far_more_frequent_than_others() -> None:
    for task, most in (("euclid", 0.08), ("signs", 0.2), ("boolean", 0.2), ("swaps", 0.05)):
        chosen = compose([f"data={task}", "data.train_size=1500"])["data"]
        answers = Counter(row.answer for row in load(Procedural.model_validate(chosen)).train)
        assert answers.most_common(1)[0][1] < most * 1500, answers.most_common(3)


REFUSED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("column_sum", {"min_digits": 5, "max_digits": 3}, {"min_digits"}),
    ("column_sum", {"max_digits": 13, "language": "fr"}, {"max_digits", "language"}),
    ("euclid", {"max_divisor": 0, "max_factor": True}, {"max_divisor", "max_factor"}),
    ("signs", {"min_numbers": 2}, {"min_numbers"}),
    ("boolean", {"expressions": 0, "max_operators": 2.5}, {"expressions", "max_operators"}),
    ("swaps", {"things": 2, "swaps": 3}, {"things", "swaps"}),
    ("code_chain", {"tests": 0}, {"tests"}),
    ("instructions", {"kinds": ["copi", "sort"]}, {"kinds"}),
    ("instructions", {"kinds": []}, {"kinds"}),
]


@pytest.mark.parametrize(("task", "changes", "wrong"), REFUSED)
def test_parameters_that_cannot_be_served_are_all_named(
    task: str, changes: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(DataError) as caught:
        open_maker(task, {**SHIPPED[task], **changes}, 0, "data.parts.p")
    found = {problem.where for problem in caught.value.problems}
    assert found == {f"data.parts.p.params.{name}" for name in wrong}


@each
def test_a_missing_parameter_is_named(task: str) -> None:
    for name in SHIPPED[task].keys() - {"kinds"}:
        rest = {other: value for other, value in SHIPPED[task].items() if other != name}
        with pytest.raises(DataError) as caught:
            open_maker(task, rest, 0)
        assert {problem.where for problem in caught.value.problems} == {f"data.params.{name}"}


@settings(deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 12), st.sampled_from(["en", "de"]))
def test_the_language_term_tells_the_languages_of_the_steps(
    seed: int, digits: int, spoken: str
) -> None:
    params = {"min_digits": digits, "max_digits": digits, "language": spoken}
    entry = open_maker("column_sum", params, seed).draw(0)
    completion = Completion(render(entry["trace"], entry["answer"]), 1)
    row = Example("a", (), entry["answer"])
    for wanted in ("en", "de"):
        assert language(completion, row, wanted=wanted) == (wanted == spoken)
