"""The verifier for anybody's completions: `reasoning_lab.verify_math` and its like.

Nothing here imports torch. Formulas that the lab cannot decide itself go to worker processes,
which are started when the first one occurs.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Real

from reasoning_lab.errors import a_kind
from reasoning_lab.judges.math.compare import SECONDS
from reasoning_lab.judges.math.verify import Item, Judged, verify_batch
from reasoning_lab.text.example import Verdict

__all__ = [
    "Judged",
    "Verdict",
    "judge_math",
    "judge_math_batch",
    "verify_math",
    "verify_math_batch",
]


Gold = str | int | float | Fraction | Decimal


def verify_math(completion: str, gold: Gold, *, timeout: float = SECONDS) -> Verdict:
    r"""Whether a completion's final answer is the gold answer: a Verdict, true only if it is.

    The answer stands in `<answer>…</answer>` or `\boxed{…}` after thinking has closed. `gold`: text
    (plain or LaTeX), or a finite number. `timeout`: seconds of wall-clock time for a formula that
    needs computer algebra, beyond which the verdict is `timeout`. Raises TypeError for what is
    neither text nor a number, and SandboxError where the workers for algebra cannot be started.

    >>> str(verify_math("so it is \\boxed{\\frac12}", "0.5"))
    'correct'
    >>> bool(verify_math("<answer>4</answer>", 4)), bool(verify_math("<answer>4</answer>", 5))
    (True, False)
    """
    return judge_math(completion, gold, timeout=timeout).verdict


def judge_math(completion: str, gold: Gold, *, timeout: float = SECONDS) -> Judged:
    r"""The same as `verify_math` with the reason in words and the answer that was found: a Judged.

    >>> judge_math("<answer>41</answer>", "42").reason
    'another number'
    """
    return judge_math_batch([(completion, gold)], timeout=timeout)[0]


def verify_math_batch(
    pairs: Sequence[tuple[str, Gold]], *, timeout: float = SECONDS
) -> list[Verdict]:
    """The verdicts of (completion, gold) pairs, in order, each as from `verify_math`.

    `timeout` is in seconds for each pair; slow pairs run side by side.

    >>> [str(one) for one in verify_math_batch([("<answer>4</answer>", 4), ("four", 4)])]
    ['correct', 'unparsable']
    """
    return [judged.verdict for judged in judge_math_batch(pairs, timeout=timeout)]


def judge_math_batch(
    pairs: Sequence[tuple[str, Gold]], *, timeout: float = SECONDS
) -> list[Judged]:
    """What `judge_math` says of each (completion, gold) pair, in order.

    `timeout` is in seconds for each pair; slow pairs run side by side.

    >>> pairs = [("<answer>4</answer>", 4), ("<answer>5</answer>", 4)]
    >>> [one.answer for one in judge_math_batch(pairs)]
    ['4', '5']
    """
    items = [Item(_completion(text), _gold(gold)) for text, gold in pairs]
    return verify_batch(items, seconds=timeout)


def _completion(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"completion: {a_kind(text)}; give its text")
    return text


def _gold(gold: Gold) -> str:
    """The text of a gold answer; Python writes a Fraction as `1/2` and a float as `1e-07`."""
    if isinstance(gold, str):
        return gold
    if isinstance(gold, bool) or not isinstance(gold, (Real, Decimal)):
        raise TypeError(f"gold: {a_kind(gold)}; give the answer as text, or a number")
    if isinstance(gold, (float, Decimal)) and not math.isfinite(gold):
        raise TypeError(f"gold: {gold} is no number; give the answer as text")
    try:
        return str(gold)
    except ValueError as error:  # Python writes no whole number of more than 4,300 digits
        raise TypeError(f"gold: {error}; give the answer as text") from None
