"""Mode: does the model think when asked to, and not when asked not to?"""

import re
from functools import lru_cache

from reasoning_lab.rewards.term import row_check, yes_no
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.grammar import parse
from reasoning_lab.text.prompts import MARKER

_WORD = re.compile(r"\w")


def asked_to_think(example: Example) -> bool | None:
    """What the prompt asks for with its last `/think` or `/no_think`; None where it has neither.

    The marker stands alone between spaces, in a system turn (SmolLM3, and the lab's own mixture)
    or in a user's (Qwen3).
    """
    asked: bool | None = None
    for turn in example.prompt:
        if turn["role"] != "assistant":
            asked = _asked(turn["content"], asked)
    return asked


@lru_cache(maxsize=1024)
def _asked(content: str, before: bool | None) -> bool | None:
    for match in MARKER.finditer(content):
        before = match[1] is None
    return before


def _row(example: Example) -> str:
    asked = asked_to_think(example)
    return "the prompt says neither /think nor /no_think" if asked is None else ""


@yes_no()
@row_check(_row)
def mode(completion: Completion, example: Example) -> float | None:
    """1.0 for a completion in the mode that its prompt asks for, else 0.0.

    `/think`: a closed think block with at least one letter or digit, and something after it.
    `/no_think`: no think block, or an empty one as chat templates put it there, and something
    said. None for a prompt with neither marker. That the steps are written outside of the tags
    instead is not seen. Range {0, 1}. Source: the thinking modes of Qwen3 (arXiv:2505.09388,
    section 4.3).
    """
    asked = asked_to_think(example)
    if asked is None:
        return None
    parsed = parse(completion.text)
    if not parsed.after.strip():
        return 0.0
    if "think>" not in completion.text:
        return float(not asked)
    if parsed.thinking is None:
        return 0.0
    return float(asked == (_WORD.search(parsed.thinking) is not None))
