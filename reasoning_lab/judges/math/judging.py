"""The verifier for anybody's completions: `reasoning_lab.verify_math` and its like.

Nothing here imports torch. Formulas that the lab cannot decide itself go to worker processes,
which are started when the first one occurs.
"""

from collections.abc import Sequence

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


def verify_math(completion: str, gold: str, *, timeout: float = SECONDS) -> Verdict:
    r"""What the verifier says of a completion's final answer; see `verify.py`.

    `timeout`: seconds of wall-clock time for a formula that needs math-verify, beyond which the
    verdict is `timeout`. Raises SandboxError where its workers cannot be started.

    >>> str(verify_math("so it is \\boxed{\\frac12}", "0.5"))
    'correct'
    """
    return judge_math(completion, gold, timeout=timeout).verdict


def judge_math(completion: str, gold: str, *, timeout: float = SECONDS) -> Judged:
    r"""As `verify_math`, with the reason and the answer that was found.

    >>> judge_math("<answer>41</answer>", "42").reason
    'another number'
    """
    return judge_math_batch([(completion, gold)], timeout=timeout)[0]


def verify_math_batch(
    pairs: Sequence[tuple[str, str]], *, timeout: float = SECONDS
) -> list[Verdict]:
    """As `verify_math` for each (completion, gold), in order; slow pairs run side by side."""
    return [judged.verdict for judged in judge_math_batch(pairs, timeout=timeout)]


def judge_math_batch(pairs: Sequence[tuple[str, str]], *, timeout: float = SECONDS) -> list[Judged]:
    """As `judge_math` for each (completion, gold), in order; slow pairs run side by side."""
    return verify_batch([Item(text, gold) for text, gold in pairs], seconds=timeout)
