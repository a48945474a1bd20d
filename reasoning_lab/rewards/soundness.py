"""Before any training: can this reward score every row of this data?"""

import logging
from collections.abc import Callable, Hashable, Sequence

from reasoning_lab.errors import DataError, Problem
from reasoning_lab.rewards.calling import Term
from reasoning_lab.rewards.term import Rows
from reasoning_lab.text.example import Completion, Example, Score, Verdict
from reasoning_lab.text.grammar import render

_log = logging.getLogger(__name__)
NAMED = 3  # rows named in an error about many
CHUNK = 1024  # rows scored together
ScoreBatch = Callable[[Rows, Sequence[Hashable]], "list[Score]"]


def check_rows(terms: Sequence[Term], score: ScoreBatch, examples: Sequence[Example]) -> None:
    """Score each row's own gold answer.

    Raises DataError for rows whose gold is bad or that no weighted term scores, and RewardError
    if a term breaks on a row.
    """
    unsound: dict[tuple[str, str], list[str]] = {}
    _tell_notes(terms, examples)
    for start in range(0, len(examples), CHUNK):
        sound: list[tuple[Example, dict[str, str]]] = []
        for example in examples[start : start + CHUNK]:
            reasons, wrong = _ask_terms(terms, example)
            for what in wrong:
                unsound.setdefault(what, []).append(example.id)
            if not wrong:
                sound.append((example, reasons))
        probes = [(_probe(example), example) for example, _ in sound]
        for (example, reasons), scored in zip(
            sound, score(probes, range(len(probes))), strict=True
        ):
            if scored.total is None or scored.verdict is Verdict.BAD_GOLD:
                said = reasons or {"reward.terms": _nothing_scores(terms, example)}
                for what in said.items():
                    unsound.setdefault(what, []).append(example.id)
    if unsound:
        raise DataError(*(_row_problem(*what, ids) for what, ids in unsound.items()))


def _tell_notes(terms: Sequence[Term], examples: Sequence[Example]) -> None:
    """Log what is read otherwise than it stands, with the number of rows."""
    noted: dict[tuple[str, str], list[str]] = {}
    for term in terms:
        for example in examples if term.setting.weight and term.row_note else ():
            if term.row_note and term.judges(example) and (note := term.row_note(example)):
                noted.setdefault((term.name, note), []).append(example.id)
    for (name, note), ids in noted.items():
        _log.warning("reward.terms.%s: %s: %s", name, note, _named(ids))


def _ask_terms(
    terms: Sequence[Term], example: Example
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Why which weighted term cannot judge the row; and what is wrong with the row itself."""
    reasons: dict[str, str] = {}
    wrong: list[tuple[str, str]] = []
    for term in terms:
        if not (term.setting.weight and term.row_check and term.judges(example)):
            continue
        where = f"reward.terms.{term.name}"
        try:
            if reason := term.row_check(example):
                reasons[where] = reason
        except DataError as error:
            wrong += [(where, problem.what) for problem in error.problems]
    return reasons, wrong


def _nothing_scores(terms: Sequence[Term], example: Example) -> str:
    tasks = sorted({task for term in terms for task in term.setting.tasks or ()})
    if tasks and not any(term.judges(example) for term in terms if term.setting.weight):
        return f"no term with a weight judges rows of task {example.task!r}, only {tasks}"
    return "no term with a weight scores the row"


def _probe(example: Example) -> Completion:
    """A completion that thinks and gives the gold answer."""
    text = render("The gold answer.", example.answer)
    return Completion(text=text, tokens=max(1, len(text) // 4))


def _row_problem(where: str, reason: str, ids: list[str]) -> Problem:
    cure = (
        "mend or drop the rows, or choose a reward that can judge them: reward=math compares "
        "answers, reward=code runs programs, reward=scorer asks the reasoning-gym task"
    )
    return Problem(where, f"{reason}: {_named(ids)}", cure)


def _named(ids: Sequence[str]) -> str:
    named = ", ".join(map(repr, ids[:NAMED])) + (", ..." if len(ids) > NAMED else "")
    return f"{len(ids)} row{'s' if len(ids) > 1 else ''} ({named})"
