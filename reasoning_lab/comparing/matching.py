"""Which problems are the same in all runs: those with the same question, and the same gold answer.

Ids are the logs' own, so that two programs number the same problems otherwise; only where a
question is asked several times, or a log holds none, does the id tell problems apart.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasoning_lab.comparing.entrants import Entrant
from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answered import Answered
from reasoning_lab.report.text.clean import one_line

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
Key = tuple[str, str]
SHOWN = 60  # characters of a question in a message


@dataclass(frozen=True, slots=True)
class Matched:
    """The common problems, each as every run has it, in the order of the first run; and how many
    others each run has, by its label.
    """

    problems: Sequence[Mapping[str, Answered]]
    alone: Mapping[str, int]


def match(runs: Sequence[Entrant]) -> Matched:
    """The problems that all `runs` have.

    Raises ArtifactError where there is none, where one has another gold answer in another run, and
    where a run has a problem twice.
    """
    tables = _tables(runs)
    common = [key for key in tables[runs[0].label] if all(key in one for one in tables.values())]
    if not common:
        raise _nothing(runs, tables)
    problems = [{label: table[key] for label, table in tables.items()} for key in common]
    _require_one_gold(runs, problems)
    alone = {label: len(table) - len(common) for label, table in tables.items()}
    return Matched(problems, alone)


def _tables(runs: Sequence[Entrant]) -> dict[str, dict[Key, Answered]]:
    counts = [Counter(_question(one) for one in run.problems) for run in runs]
    by_id = {"", *(asked for count in counts for asked, number in count.items() if number > 1)}
    tables: dict[str, dict[Key, Answered]] = {}
    for run in runs:
        table = tables.setdefault(run.label, {})
        for one in run.problems:
            asked = _question(one)
            key = (asked, one.id if asked in by_id else "")
            if key in table:
                what = f"holds the problem {one.id} twice: {one_line(asked, characters=SHOWN)}"
                raise ArtifactError.one(one.where, what, "leave one of them out")
            table[key] = one
    return tables


def _question(one: Answered) -> str:
    return " ".join(one.question.split())


def _nothing(
    runs: Sequence[Entrant], tables: Mapping[str, Mapping[Key, Answered]]
) -> ArtifactError:
    """No problem in common: the first run that shares none with those before it, and why."""
    left = set(tables[runs[0].label])
    for other in runs[1:]:
        if not left & tables[other.label].keys():
            break
        left &= tables[other.label].keys()
    asked = [
        f"{run.label} asks {one_line(run.problems[0].question, characters=SHOWN)!r}"
        for run in (runs[0], other)
    ]
    ids = {one.id for one in runs[0].problems} & {one.id for one in other.problems}
    same = f"; {len(ids):,} ids are the same, of other questions" if ids else ""
    return ArtifactError.one(
        f"stage.{other.label}",
        f"has no problem in common with the runs before it: {', '.join(asked)}{same}",
        "compare runs that measured the same data (data=…, data.seed, stage.evaluation.problems)",
    )


def _require_one_gold(runs: Sequence[Entrant], problems: Sequence[Mapping[str, Answered]]) -> None:
    """Scores against different gold answers are not of the same problem."""
    first = runs[0].label
    for run in runs[1:]:
        pairs = [(one[first], one[run.label]) for one in problems]
        other = [(a, b) for a, b in pairs if a.gold and b.gold and _gold(a) != _gold(b)]
        if other:
            a, b = other[0]
            golds = " and ".join(repr(one_line(one.gold, characters=SHOWN)) for one in (a, b))
            raise ArtifactError.one(
                f"stage.{run.label}",
                f"{len(other):,} of {len(pairs):,} common problems have another gold answer in "
                f"{first}; the first is {b.id} ({golds})",
                "give runs that were judged by the same answers",
            )


def _gold(one: Answered) -> str:
    """The final answer: GSM8K keeps the worked solution in front of it, behind `####`; commas
    between thousands, and blanks, are no difference.
    """
    final = one.gold.rpartition("####")[2]
    return "".join(_THOUSANDS.sub("", final).split())
