"""Reasoning steps: what is a step, and what is only its marker."""

import pytest

from reasoning_lab.rewards.reasoning_steps import reasoning_steps
from rewards.rows import example, wrote

THREE = "1. add six and seven\n2. double the sum\n3. take one away"


def thought(text: str) -> str:
    return f"<think>\n{text}\n</think>\n<answer>1</answer>"


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        (thought(THREE), 1.0, ""),
        (thought("1. add six and seven"), 1 / 3, ""),
        (thought("Step 1: add six to it\nStep 2: double it all"), 2 / 3, ""),
        (thought("**Step 1:** add six to it\n**2.** double it all"), 2 / 3, "bold"),
        (thought("- add six to it\n* double it all\n• 12 + 1 = 13"), 1.0, "bullets"),
        (thought("First, add six to it. \nThen double it all\nFinally, 26 - 1 = 25"), 1.0, ""),
        (thought("1) add six to it\n2) double it all"), 2 / 3, ""),
        (thought("1. 6 + 7 = 13\n2. 13 * 2 = 26\n3. 26 - 1 = 25\n4. so 25 it is"), 1.0, "no more"),
        (thought("Step 1\n" * 100), 0.0, "markers alone"),
        (thought("Step 1: add six to it\n" * 100), 1 / 3, "one step, repeated"),
        (thought("\n".join(f"{i}. add six to it" for i in range(99))), 1 / 3, "renumbered"),
        (thought("1. add six to it\n1. double it all\n1. take one away"), 1 / 3, "one number"),
        (thought("1. a b\n2. c d\n3. e f"), 0.0, "too short"),
        (thought("1. + - *\n2. ! ? .\n3. = = ="), 0.0, "marks are no words"),
        (thought("we add 1. six and 2. seven and 3. eight"), 0.0, "not at the start of a line"),
        (thought("3.14 is pi and more\n2.71 is e and more"), 0.0, "a number is no marker"),
        (THREE, 0.0, "outside of thinking"),
        (f"<think>{THREE}", 0.0, "never closed"),
        (f"<think>hm</think>{THREE}", 0.0, "after thinking"),
        ("", 0.0, ""),
    ],
)
def test_reasoning_steps(text: str, value: float, why: str) -> None:
    assert reasoning_steps(wrote(text), example(), wanted=3, words=3) == pytest.approx(value), why


@pytest.mark.parametrize("wrong", [{"wanted": 0, "words": 3}, {"wanted": 3, "words": 0}])
def test_out_of_range(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least 1, got 0"):
        reasoning_steps(wrote(""), example(), **wrong)
