"""Soft overlong punishment: the last stretch before the limit costs more and more."""

from reasoning_lab.rewards.term import within
from reasoning_lab.text.example import Completion, Example


@within(-1.0, 0.0)
def soft_overlong(
    completion: Completion, example: Example, *, max_tokens: int, cache_tokens: int
) -> float:
    """0 up to L_max - L_cache tokens, then falling in a straight line to -1 at L_max and beyond:

        0                                 L <= L_max - L_cache
        (L_max - L_cache - L) / L_cache   L_max - L_cache < L <= L_max
        -1                                L > L_max

    with L the completion's length, L_max = `max_tokens`, L_cache = `cache_tokens`, all in tokens;
    0 < `cache_tokens` <= `max_tokens`. Range [-1, 0]. Source: DAPO (arXiv:2503.14476,
    equation 13), with 16,384 tokens of which 4,096 are the cache, added to a reward of -1 or 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, got {max_tokens}")
    if not 0 < cache_tokens <= max_tokens:
        raise ValueError(
            f"cache_tokens must be from 1 to max_tokens={max_tokens}, got {cache_tokens}"
        )
    over = completion.tokens - (max_tokens - cache_tokens)
    return -min(1.0, over / cache_tokens) if over > 0 else 0.0
