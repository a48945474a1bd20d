"""Repetition penalty: the share of n-grams that were there before."""

from reasoning_lab.rewards.term import within
from reasoning_lab.text.example import Completion, Example

LONG = 64  # characters; a longer run without a space is read letter by letter
USUAL = 7  # characters a word, its space included, in prose


@within(-1.0, 0.0)
def repetition(completion: Completion, example: Example, *, n: int) -> float:
    """-(1 - distinct / all) over the n-grams of words of the whole completion.

    Words stand between spaces, upper and lower case alike. Where a word takes more than 7
    characters on average, runs of more than 64 without a space (Chinese, `aaaa…`) count letter by
    letter. A text of fewer than `n` + 1 words has no two n-grams and cannot repeat one: 0. `n` at
    least 1; any n finds a loop, and the higher, the fewer natural repeats it finds.
    Range (-1, 0]. Source: the repetition penalty of arXiv:2502.03373, which takes n = 40 tokens
    and punishes the repeated tokens alone.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    words = completion.text.lower().split()
    if len(completion.text) > USUAL * len(words) and any(len(word) > LONG for word in words):
        words = [piece for word in words for piece in (word if len(word) > LONG else (word,))]
    total = len(words) - n + 1
    if total < 2:
        return 0.0
    distinct = len(set(zip(*(words[start:] for start in range(n)), strict=False)))
    return distinct / total - 1.0
