"""The verifier as the package offers it: four functions, lazily, without torch.

And the judge of programs, which is offered in the same way.
"""

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import reasoning_lab
from reasoning_lab import (
    Verdict,
    judge_code,
    judge_math,
    judge_math_batch,
    verify_math,
    verify_math_batch,
)
from reasoning_lab.judges.math.judging import Gold
from reasoning_lab.judges.math.verify import Item, verify, verify_batch

UNREAD = (r"\boxed{\Gamma_1\star x}", r"x\star\Gamma_1")  # only math-verify may read this


def test_one_and_many() -> None:
    pairs = [(r"\boxed{x(x+1)}", "x^2+x"), ("<answer>41</answer>", "42"), ("42", "42"), ("1", "")]
    verdicts = [Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSABLE, Verdict.BAD_GOLD]
    assert [verify_math(*pair) for pair in pairs] == verdicts
    assert verify_math_batch(pairs, timeout=1.0) == verdicts
    assert judge_math_batch(pairs) == [judge_math(*pair) for pair in pairs]
    assert verify_math_batch([]) == []
    assert [str(verdict) for verdict in verdicts] == ["correct", "wrong", "unparsable", "bad_gold"]


@pytest.mark.parametrize(
    "gold", [4, 4.0, Fraction(8, 2), Decimal("4.0"), np.float64(4.0), np.int64(4)], ids=repr
)
def test_a_number_as_gold(gold: Gold) -> None:
    assert verify_math("<answer>4</answer>", gold) is Verdict.CORRECT
    assert verify_math("<answer>5</answer>", gold) is Verdict.WRONG


@pytest.mark.parametrize("gold", [None, True, [4], float("nan"), float("inf"), b"4"], ids=repr)
def test_what_is_no_gold(gold: Any) -> None:
    with pytest.raises(TypeError, match=r"^gold: "):
        verify_math("<answer>4</answer>", gold)


def test_what_is_no_completion() -> None:
    with pytest.raises(TypeError, match=r"^completion: None"):
        verify_math(None, "4")  # type: ignore[arg-type]


def test_only_what_is_right_is_true() -> None:
    assert [bool(verdict) for verdict in Verdict] == [v is Verdict.CORRECT for v in Verdict]
    assert [bool(judge_math("<answer>4</answer>", gold)) for gold in (4, 5, "")] == [True, 0, 0]
    tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    programs = ("def f(x): return 2 * x", "def f(x): return x", "def f(")
    assert [bool(judge_code(program, tests)) for program in programs] == [True, False, False]


def test_what_needs_math_verify_keeps_its_place_in_the_batch() -> None:
    items = [Item("<answer>1</answer>", "1"), Item(*UNREAD), Item("<answer>2</answer>", "1")]
    first, asked, last = verify_batch(items)
    assert (first.verdict, last.verdict) == (Verdict.CORRECT, Verdict.WRONG)
    assert asked.reason.startswith("math-verify")
    assert verify_batch(items) == [first, asked, last]


def test_marks_and_question() -> None:
    assert verify("so\n#### 42", "42").verdict is Verdict.UNPARSABLE
    assert verify("so\n#### 42", "42", marks=("hashes",)).verdict is Verdict.CORRECT
    assert verify("The answer is 42.", "42", marks=("phrase",)).verdict is Verdict.CORRECT
    assert verify("#### 41\n#### 42", "42", marks=("hashes",)).verdict is Verdict.WRONG
    expanded = {"gold": "x^2+2x+1", "question": "Expand $(x+1)^2$."}
    assert verify(r"\boxed{(x+1)^2}", **expanded).verdict is Verdict.WRONG
    assert verify(r"\boxed{1+2x+x^2}", **expanded).verdict is Verdict.CORRECT


def test_a_name_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="verify_maths"):
        reasoning_lab.verify_maths  # noqa: B018


def stays_light(program: str) -> None:
    """Run a program in a new process, which then has loaded nothing heavy."""
    heavy = "assert not {'torch', 'sympy', 'transformers'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", f"import sys; {program}; {heavy}"], check=True)


@pytest.mark.parametrize(
    "program",
    [
        "import reasoning_lab; assert 'reasoning_lab.rewards' not in sys.modules;"
        "reasoning_lab.verify_math('<answer>x</answer>', 'x+0')",
        "from reasoning_lab import judge_code, judge_code_batch; assert judge_code_batch([]) == []",
    ],
    ids=["answers", "programs"],
)
def test_the_import_is_light(program: str) -> None:
    stays_light(program)


@pytest.mark.usefixtures("code_sandbox")
def test_judging_programs_is_light() -> None:
    stays_light(
        "import reasoning_lab;"
        "tests = [{'type': 'call', 'fn': 'f', 'args': [2], 'expected': 4}];"
        "assert reasoning_lab.judge_code('def f(x): return 2 * x', tests).passed == 1"
    )
