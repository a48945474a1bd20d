"""Repetition penalty: the share of n-grams that were there before."""

from reasoning_lab.rewards.term import within
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.repeats import repeated_share


@within(-1.0, 0.0)
def repetition(completion: Completion, example: Example, *, n: int) -> float:
    """-(1 - distinct / all) over the n-grams of words of the whole completion.

    What a word is says `text.repeats`; a text of fewer than `n` + 1 words cannot repeat one: 0. `n`
    at least 1; any n finds a loop, and the higher, the fewer natural repeats it finds.
    Range (-1, 0]. Source: the repetition penalty of arXiv:2502.03373, which takes n = 40 tokens
    and punishes the repeated tokens alone.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return 0.0 - repeated_share(completion.text, n)
