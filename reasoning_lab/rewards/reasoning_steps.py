"""Reasoning steps: is the thinking laid out step by step?"""

import re
from itertools import islice

from reasoning_lab.rewards.term import within
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.grammar import parse

TOLD_APART = 200  # characters by which two steps are told apart
# How a line says that it is a step, and what the step is.
_STEP = re.compile(
    r"^[ \t]{0,8}(?:\*\*)?(?:"
    r"(?:step[ \t]{1,4})?(?P<number>\d{1,3})(?:\*\*)?[.):](?!\d)"
    r"|[-*•](?=[ \t])"
    r"|(?:first|second|third|fourth|fifth|next|then|finally|lastly)(?:ly)?\b,?"
    r")(?:\*\*)?(?P<said>[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_SPOKEN = re.compile(r"\w+")  # words and numbers; marks alone are none


@within(0.0, 1.0)
def reasoning_steps(completion: Completion, example: Example, *, wanted: int, words: int) -> float:
    """min(1, steps / `wanted`), the steps counted inside the closed think block.

    A step is a line that begins with a number (`1.`, `2)`, `Step 3:`), a bullet (`-`, `*`) or a
    word of order (`First`, `Then`, `Finally`) and goes on with at least `words` words or numbers.
    Each thing said (its first 200 characters) counts once, however often and under whatever number
    it is repeated, and each number counts once; so "Step 1" a hundred times is nothing. `wanted`
    and `words` at least 1.
    Range [0, 1]. Source: open-r1's reasoning steps reward, which counts markers anywhere.
    """
    if wanted < 1:
        raise ValueError(f"wanted must be at least 1, got {wanted}")
    if words < 1:
        raise ValueError(f"words must be at least 1, got {words}")
    thinking = parse(completion.text).thinking
    if not thinking:
        return 0.0
    said: set[str] = set()
    numbers: set[str] = set()
    for match in _STEP.finditer(thinking):
        content = " ".join(match["said"][:TOLD_APART].casefold().split())
        number = match["number"]
        if content in said or number in numbers or not _holds(content, words):
            continue
        said.add(content)
        if number is not None:
            numbers.add(number)
        if len(said) >= wanted:
            break
    return min(1.0, len(said) / wanted)


def _holds(content: str, words: int) -> bool:
    """Whether there are at least so many words and numbers in a step."""
    return sum(1 for _ in islice(_SPOKEN.finditer(content), words)) == words
