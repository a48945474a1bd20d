"""Cosine length reward: short when right, long when wrong."""

import math

from reasoning_lab.rewards.term import Parts, reads
from reasoning_lab.text.example import Completion, Example


@reads("correct")
def length_cosine(
    completion: Completion,
    example: Example,
    *,
    correct: str,
    min_tokens: int,
    max_tokens: int,
    right_short: float,
    right_long: float,
    wrong_short: float,
    wrong_long: float,
    over: float,
    parts: Parts,
) -> float | None:
    """A value that goes from `_short` to `_long` along half a cosine as the completion grows:

        long + (short - long) / 2 x (1 + cos(pi t)),  t = (L - L_min) / (L_max - L_min) in [0, 1]

    L is the length, L_min = `min_tokens`, L_max = `max_tokens`, in tokens, 0 <= L_min < L_max.
    `right_*` is for completions that the term `correct` values above 0, `wrong_*` for the others;
    `over` for every completion of L_max tokens or more, right or wrong. None where `correct` is
    None. Range: from the least to the greatest of the five values.

    Source: the cosine reward of arXiv:2502.03373, there as the only reward (right 2 to 1, wrong
    -10 to 0, over -10, L_min 0). A wrong answer is punished less the longer it is, on purpose:
    without `repetition` beside it a model learns to fill the length with repeats (same source).
    """
    if not 0 <= min_tokens < max_tokens:
        raise ValueError(
            f"min_tokens must be from 0 to below max_tokens={max_tokens}, got {min_tokens}"
        )
    paid = parts[correct]
    if paid is None:
        return None
    if completion.tokens >= max_tokens:
        return over
    short, long = (right_short, right_long) if paid > 0 else (wrong_short, wrong_long)
    share = max(0, completion.tokens - min_tokens) / (max_tokens - min_tokens)
    return long + (short - long) / 2 * (1 + math.cos(math.pi * share))
