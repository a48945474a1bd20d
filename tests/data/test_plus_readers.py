"""EvalPlus's rows: literals become calls, and what is compared otherwise is left out."""

from typing import Any

import pytest

from reasoning_lab import judge_code
from reasoning_lab.data.plus_readers import humaneval_plus, mbpp_plus
from reasoning_lab.data.readers import RowError, Unfit

COMPARE = """
def assertion(out, exp, atol):
    assert out == exp


"""
CHECK = (
    COMPARE
    + """def check(candidate):
    inputs = [[[1.0, 2.0, 3.0], 0.5], [[1.0, 2.0], 2.0]]
    results = [False, True]
    for i, (inp, exp) in enumerate(zip(inputs, results)):
        assertion(candidate(*inp), exp, 0)
"""
)
HUMAN: dict[str, Any] = {
    "task_id": "HumanEval/0",
    "prompt": "def close(numbers, threshold):\n    '''Are two closer than that?'''\n",
    "canonical_solution": "    return any(abs(a - b) < threshold for i, a in enumerate(numbers)"
    " for b in numbers[:i])\n",
    "entry_point": "close",
    "test": CHECK,
}
MBPP: dict[str, Any] = {
    "task_id": 2,
    "prompt": "Write a function that finds the shared elements.",
    "code": "def shared(a, b):\n    return tuple(sorted({*a} & {*b}))",
    "test_list": ["assert shared((3, 4, 5), (4, 5)) == (4, 5)"],
    "test": COMPARE
    + """inputs = [[(3, 4, 5), (4, 5)], [(1,), (2,)]]
results = [(4, 5), ()]
for i, (inp, exp) in enumerate(zip(inputs, results)):
    assertion(shared(*inp), exp, 0)
""",
}


@pytest.mark.parametrize(("reader", "row"), [(humaneval_plus, HUMAN), (mbpp_plus, MBPP)])
def test_the_reference_passes_and_another_program_fails(reader: Any, row: dict[str, Any]) -> None:
    example = reader(row, "a")
    assert (example.task, len(example.tests)) == ("code", 2)
    assert {test["type"] for test in example.tests} == {"call"}
    name = row.get("entry_point", "shared")
    assert name in example.prompt[0]["content"]
    assert judge_code(example.answer, example.tests)
    assert not judge_code(f"def {name}(*args):\n    return None\n", example.tests)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("results = [False, True]", "results = [candidate(*inp) for inp in inputs]"),
        ("results = [False, True]", "pass"),
        ("assert out == exp", "assert set(out) == set(exp)"),
        ("exp, 0)", "ref_func(*inp), 0)"),
    ],
)
def test_tests_that_no_judge_outside_can_make_are_left_out(before: str, after: str) -> None:
    with pytest.raises(Unfit):
        humaneval_plus({**HUMAN, "test": CHECK.replace(before, after)}, "a")


@pytest.mark.parametrize(
    ("reader", "row"),
    [
        (humaneval_plus, {**HUMAN, "test": "def ("}),
        (humaneval_plus, {**HUMAN, "test": CHECK.replace("[False, True]", "[False]")}),
        (humaneval_plus, {**HUMAN, "entry_point": ""}),
        (mbpp_plus, {**MBPP, "test_list": []}),
        (mbpp_plus, {**MBPP, "prompt": None}),
    ],
)
def test_a_row_of_another_form_is_refused(reader: Any, row: dict[str, Any]) -> None:
    with pytest.raises(RowError) as caught:
        reader(row, "a")
    assert not isinstance(caught.value, Unfit)
