"""What each problem says of one way of measuring: one value per problem and metric.

A value is None where the sandbox failed on one of the problem's programs, or where the metric does
not apply to it; such a problem is left out of that metric.
"""

from collections import Counter
from collections.abc import Sequence

from reasoning_lab.measure.vote import answers, vote, votes
from reasoning_lab.statistics.passk import maj_at_k, pass_at_k, sizes
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.grammar import parse, thinks

PerProblem = list[float | None]
CUT_OFF, EMPTY, FORMAT, THINKING = "cut_off", "empty", "format", "thinking"
MOST_VOTED = 32
"""The largest k below n at which maj@k is computed: its sum grows with the cube of k."""


def scores(
    examples: Sequence[Example],
    completions: Sequence[Sequence[Completion]],
    verdicts: Sequence[Sequence[Verdict | None]],
) -> dict[str, PerProblem]:
    """`pass@k` for each k up to the fewest answers to a problem, and `maj@k` of those that vote.

    pass@1 of n answers is their mean, avg@n. maj@k begins at k = 2: of one answer it is pass@1.
    """
    fewest = min(map(len, completions), default=0)
    found = {f"pass@{k}": [_passed(row, k) for row in verdicts] for k in sizes(fewest)}
    if fewest < 2 or not any(map(votes, examples)):
        return found
    ballots = [_ballot(*one) for one in zip(examples, completions, verdicts, strict=True)]
    for k in sizes(fewest)[1:]:
        if k <= MOST_VOTED or k == fewest:
            found[f"maj@{k}"] = [one and maj_at_k(*one, k) for one in ballots]
    return found


def shares(
    examples: Sequence[Example], completions: Sequence[Sequence[Completion]]
) -> dict[str, PerProblem]:
    """Shares of the completions of each problem: that answer in the asked form, that think, that
    say nothing after thinking, and that were cut off at the limit."""
    pairs = list(zip(examples, completions, strict=True))
    return {
        FORMAT: [_share([answers(c, example) for c in row]) for example, row in pairs],
        THINKING: [_share([thinks(c.text) for c in row]) for _, row in pairs],
        EMPTY: [_share([not parse(c.text).after.strip() for c in row]) for _, row in pairs],
        CUT_OFF: [_share([c.finish == "length" for c in row]) for _, row in pairs],
    }


def _share(row: Sequence[bool]) -> float:
    return sum(row) / len(row)


def _passed(row: Sequence[Verdict | None], k: int) -> float | None:
    right = sum(one is Verdict.CORRECT for one in row)
    return None if None in row else pass_at_k(len(row), right, k)


def _ballot(
    example: Example, row: Sequence[Completion], verdicts: Sequence[Verdict | None]
) -> tuple[int, tuple[int, ...], int] | None:
    """How many votes the right class, each wrong one, and none at all get; None: no voting."""
    if not votes(example) or None in verdicts:
        return None
    right = sum(one is Verdict.CORRECT for one in verdicts)
    cast = [
        vote(completion, example)
        for completion, verdict in zip(row, verdicts, strict=True)
        if verdict is not Verdict.CORRECT
    ]
    wrong = Counter(one for one in cast if one is not None)
    return right, tuple(wrong.values()), cast.count(None)
