"""Format: think, then answer, each once and in order."""

import re

from reasoning_lab.rewards.term import within, yes_no
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.grammar import parse

TAGS = ("<think>", "</think>", "<answer>", "</answer>")
_WORD = re.compile(r"\w")


@yes_no(unless="partial")
@within(0.0, 1.0)
def think_format(completion: Completion, example: Example, *, partial: float) -> float:
    """1.0 for `<think>steps</think> <answer>answer</answer>` and nothing else around it.

    Each tag stands once and in order, the thinking holds at least one letter or digit, the answer
    is not empty, and no other text but spaces stands outside the tags. Otherwise
    `partial` x (share of the four tags that stand exactly once); `partial` in [0, 1), 0 for all or
    nothing. Range [0, 1]. Source: the format reward of DeepSeek-R1 (arXiv:2501.12948, section
    2.2.2); partial credit after open-r1's tag count.
    """
    if not 0 <= partial < 1:
        raise ValueError(f"partial must be in [0, 1), got {partial}")
    text = completion.text
    if is_well_formed(text):
        return 1.0
    return partial * sum(text.count(tag) == 1 for tag in TAGS) / len(TAGS) if partial else 0.0


def is_well_formed(text: str) -> bool:
    """Whether `text` is a think block with something in it, an answer block, and no more."""
    parsed = parse(text)
    return (
        parsed.well_formed
        and parsed.thinking is not None
        and _WORD.search(parsed.thinking) is not None
        and parsed.after.strip().startswith("<answer>")
        and parsed.after.strip().endswith("</answer>")
    )
