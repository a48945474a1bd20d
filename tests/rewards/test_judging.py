"""The verifier as the package offers it: four functions, lazily, without torch.

And the judge of programs, which is offered in the same way.
"""

import subprocess
import sys

import pytest

import reasoning_lab
from reasoning_lab import Verdict, judge_math, judge_math_batch, verify_math, verify_math_batch
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
