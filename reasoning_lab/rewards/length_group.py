"""Length against the other completions of the same problem."""

from collections.abc import Sequence

from reasoning_lab.rewards.term import Parts, per_group, reads, within
from reasoning_lab.text.example import Completion, Example


@reads("correct")
@per_group
@within(-0.5, 0.5)
def length_group(
    completions: Sequence[Completion],
    example: Example,
    *,
    correct: str,
    parts: Sequence[Parts],
) -> list[float | None]:
    """For a right completion lambda, for a wrong one min(0, lambda), with

        lambda = 0.5 - (L - L_min) / (L_max - L_min)

    L in tokens, L_min and L_max the shortest and the longest completion of the problem; 0 where
    all are of one length. Right is what the term `correct` values above 0; where that is None, so
    is this, and the length does not count for the others. Range [-0.5, 0.5].
    Source: Kimi k1.5 (arXiv:2501.12599, section 2.3.3), which switches it on after a warm-up.
    """
    paid = [said[correct] for said in parts]
    lengths = [c.tokens for c, p in zip(completions, paid, strict=True) if p is not None]
    shortest, longest = min(lengths, default=0), max(lengths, default=0)
    values: list[float | None] = []
    for completion, value in zip(completions, paid, strict=True):
        if value is None:
            values.append(None)
        elif shortest == longest:
            values.append(0.0)
        else:
            share = 0.5 - (completion.tokens - shortest) / (longest - shortest)
            values.append(share if value > 0 else min(0.0, share))
    return values
