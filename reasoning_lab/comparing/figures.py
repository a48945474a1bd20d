"""The figures of a comparison: each run's rates, each pair's difference and test, the verdicts.

Every figure of a way is over the same problems: those that all runs have and of which all answers
were judged. The unit is the problem; several answers to one count as their mean.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from reasoning_lab.comparing.ways import Chosen
from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answered import Answered, Reply
from reasoning_lab.records.changed import ChangedProblem
from reasoning_lab.records.comparison import ComparedWay, RunPair, RunRates, Verdicted
from reasoning_lab.report.run.results import LIMITED
from reasoning_lab.statistics.alike import alike
from reasoning_lab.statistics.holm import holm
from reasoning_lab.statistics.interval import Estimate, mean_interval, paired_difference
from reasoning_lab.statistics.paired import (
    PairedTest,
    bootstrap,
    mcnemar,
    problems_needed,
)
from reasoning_lab.statistics.rates import share_of

LEVEL = 0.05
"""A difference counts where its adjusted p-value is below this."""
Rows = Mapping[str, Sequence[Sequence[Reply]]]
"""By a run's label, the replies to each problem."""


def compare_way(
    way: Chosen, problems: Sequence[Mapping[str, Answered]], seed: int
) -> tuple[ComparedWay, list[ChangedProblem]]:
    """The figures of one way, and the problems that changed sides, the furthest apart first.

    Raises ArtifactError where no problem was judged in all runs.
    """
    judged = [one for one in problems if all(_judged(one[run], way.called[run]) for run in one)]
    if not judged:
        what = f"of {len(problems):,} common problems none was judged in all runs ({way.name})"
        raise ArtifactError.one("stage.answers", what, "choose another: answers=NAME")
    rows = {
        label: [one[label].ways[called] for one in judged] for label, called in way.called.items()
    }
    rates = {label: _rates(label, way.called[label], replies) for label, replies in rows.items()}
    pairs = _pairs(rows, rates, seed)
    apart = {frozenset((one.first, one.second)) for one in pairs if one.verdict in VERDICTS}
    sets = alike(list(rows), apart)
    members = {
        label: tuple(place for place, names in enumerate(sets) if label in names) for label in rows
    }
    changed = _changed(way, judged)
    found = ComparedWay(
        name=way.name,
        problems=len(judged),
        unjudged=len(problems) - len(judged),
        changed=len(changed),
        runs=tuple(
            one.model_copy(update={"alike": members[label]}) for label, one in rates.items()
        ),
        pairs=tuple(pairs),
        alike=tuple(sets),
    )
    return found, changed


VERDICTS = ("better", "worse")
"""The verdicts that tell two runs apart."""


def verdict(difference: float, adjusted: float, cut_off: Sequence[Estimate | None]) -> Verdicted:
    """What may be said of the second run: nothing where too many answers were cut off."""
    if any(share is not None and share.value > LIMITED for share in cut_off):
        return "budget-limited"
    if adjusted >= LEVEL:
        return "not distinguishable"
    return "better" if difference > 0 else "worse"


def _judged(one: Answered, way: str) -> bool:
    replies = one.ways.get(way, ())
    return bool(replies) and all(reply.score is not None for reply in replies)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _score(replies: Sequence[Reply]) -> float:
    return _mean([one.score for one in replies if one.score is not None])


def _is_yes_no(rows: Sequence[Sequence[Reply]]) -> bool:
    """Whether each problem has one answer, which is right or wrong."""
    return all(len(row) == 1 and row[0].score in (0, 1) for row in rows)


def _rates(label: str, way: str, rows: Sequence[Sequence[Reply]]) -> RunRates:
    known = [[one.cut_off for one in row if one.cut_off is not None] for row in rows]
    lengths = [[one.tokens for one in row if one.tokens is not None] for row in rows]
    tokens = [_mean(row) for row in lengths if row]
    cut_off = [_mean(row) for row in known if row]
    return RunRates(
        label=label,
        way=way,
        score=share_of([_score(row) for row in rows]),
        cut_off=share_of(cut_off) if cut_off else None,
        empty=share_of([_mean([one.empty for one in row]) for row in rows]),
        tokens=mean_interval(tokens) if tokens else None,
        alike=(),
    )


def _pairs(rows: Rows, rates: Mapping[str, RunRates], seed: int) -> list[RunPair]:
    names = list(combinations(rows, 2))
    tests = [_test(rows[first], rows[second], seed) for first, second in names]
    found = []
    for (first, second), test, adjusted in zip(
        names, tests, holm([test.p for test in tests]), strict=True
    ):
        old, new = ([_score(row) for row in rows[label]] for label in (first, second))
        difference = paired_difference(old, new, bounds=(-1.0, 1.0))
        said = verdict(
            difference.value, adjusted, [rates[label].cut_off for label in (first, second)]
        )
        moves = [after - before for before, after in zip(old, new, strict=True)]
        open_still = said == "not distinguishable"
        needed = problems_needed(moves, level=LEVEL / len(names)) if open_still else None
        plain = _is_yes_no(rows[first]) and _is_yes_no(rows[second])
        found.append(
            RunPair(
                first=first,
                second=second,
                difference=difference,
                lost=sum(move < 0 for move in moves) if plain else None,
                gained=sum(move > 0 for move in moves) if plain else None,
                test=test.name,
                p=test.p,
                adjusted=adjusted,
                verdict=said,
                more=None if needed is None else max(1, needed - len(moves)),
            )
        )
    return found


def _test(
    first: Sequence[Sequence[Reply]], second: Sequence[Sequence[Reply]], seed: int
) -> PairedTest:
    moves = [_score(new) - _score(old) for old, new in zip(first, second, strict=True)]
    if _is_yes_no(first) and _is_yes_no(second):
        return mcnemar(sum(move < 0 for move in moves), sum(move > 0 for move in moves))
    return bootstrap(moves, seed=seed)


def _changed(way: Chosen, judged: Sequence[Mapping[str, Answered]]) -> list[ChangedProblem]:
    found = []
    for one in judged:
        asked = next(iter(one.values()))
        replies = {label: list(one[label].ways[called]) for label, called in way.called.items()}
        found.append(ChangedProblem(way.name, asked.id, asked.question, asked.gold, replies))
    moved = [one for one in found if one.spread > 0]
    return sorted(moved, key=lambda one: -one.spread)
