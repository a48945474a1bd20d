"""How terms become one reward: gates, weights, and what happens when a term does not apply.

For terms i that apply (value v_i is not None), with weight w_i and gate factor g_i in {0, 1}:

    total = sum_i w_i g_i v_i  x  sum_all |w| / sum_applying |w|

- Gate: `gate: accuracy` pays a term only if `accuracy` paid (its value is above 0 and its own gate
  was open). A closed gate is worth 0; a gate that does not apply takes its term with it.
- Weight 0: measured and logged, never paid.
- None: the weights of the terms that apply are scaled up to the whole, so a row is not punished
  for a term that cannot judge it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reasoning_lab.errors import ConfigError, DataError, Problem, RewardError
from reasoning_lab.rewards.term import Judge, RewardFn, RowCheck, check_signature, resolve
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.reward import Term as Setting
from reasoning_lab.text.example import Completion, Example, Score, Verdict
from reasoning_lab.text.grammar import render

SHOWN = 600  # characters of a completion in an error
NAMED = 3  # rows named in an error about many


@dataclass(frozen=True)
class Term:
    """A resolved term: its name, its setting and the function behind it."""

    name: str
    setting: Setting
    fn: RewardFn
    judge: Judge | None
    row_check: RowCheck | None

    def value(self, completion: Completion, example: Example) -> float | None:
        """The term's raw value. Raises RewardError if the function breaks its contract."""
        try:
            value = self.fn(completion, example, **self.setting.params)
        except Exception as error:
            raise _broken(self, completion, example, f"raised {error!r}") from error
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            what = f"returned {value!r}, a {type(value).__name__}, not a float or None"
            raise _broken(self, completion, example, what)
        if not math.isfinite(value):
            raise _broken(self, completion, example, f"returned {value!r}, which is not finite")
        return float(value)


class Composer:
    """A reward, ready to score. Pure: it may be pickled and used from any process.

    Raises ConfigError with every problem of the configuration at once.
    """

    def __init__(self, reward: Reward) -> None:
        self.reward = reward
        self.terms: list[Term] = []
        problems: list[Problem] = []
        for name, setting in reward.terms.items():
            key = f"reward.terms.{name}"
            try:
                fn = resolve(setting.fn, key)
            except ConfigError as error:
                problems += error.problems
                continue
            problems += check_signature(fn, setting.params, key)
            declared: dict[str, Any] = vars(fn)
            self.terms.append(
                Term(name, setting, fn, declared.get("judge"), declared.get("row_check"))
            )
        problems += _gate_problems(reward)
        if problems:
            raise ConfigError(*problems)
        self._full = sum(abs(term.setting.weight) for term in self.terms)

    def __reduce__(self) -> tuple[type[Composer], tuple[Reward]]:
        # Functions from experiments/ have no importable module elsewhere: resolve them again.
        return Composer, (self.reward,)

    def score(self, completion: Completion, example: Example) -> Score:
        """All terms, the total and the verdict. Raises RewardError if a term is broken."""
        parts = {term.name: term.value(completion, example) for term in self.terms}
        total = applying = 0.0
        for term in self.terms:
            weight, paid = term.setting.weight, self._paid(term.name, parts)
            if weight and paid is not None:
                total += weight * paid
                applying += abs(weight)
        verdict = None
        for term in self.terms:
            judged = term.judge(completion, example) if term.judge else None
            verdict = judged.verdict if judged and verdict is None else verdict
        return Score(total * self._full / applying if applying else None, parts, verdict)

    def check(self, examples: Sequence[Example]) -> None:
        """See that every row can be scored, by scoring its own gold answer.

        Raises DataError for rows whose gold is bad or that no weighted term scores, and
        RewardError if a term breaks on a row.
        """
        unsound: dict[tuple[str, str], list[str]] = {}
        for example in examples:
            reasons, wrong = self._ask_terms(example)
            for what in wrong:
                unsound.setdefault(what, []).append(example.id)
            score = self.score(_probe(example), example)
            if score.total is None and not reasons:
                reasons = {"reward.terms": "no term with a weight scores the row"}
            if score.total is None or score.verdict is Verdict.BAD_GOLD:
                for where, reason in reasons.items():
                    unsound.setdefault((where, reason), []).append(example.id)
        if unsound:
            raise DataError(*(_row_problem(*what, ids) for what, ids in unsound.items()))

    def _ask_terms(self, example: Example) -> tuple[dict[str, str], list[tuple[str, str]]]:
        """Why which weighted term cannot judge the row; and what is wrong with the row itself."""
        reasons: dict[str, str] = {}
        wrong: list[tuple[str, str]] = []
        for term in self.terms:
            if not (term.setting.weight and term.row_check):
                continue
            where = f"reward.terms.{term.name}"
            try:
                if reason := term.row_check(example):
                    reasons[where] = reason
            except DataError as error:
                wrong += [(where, problem.what) for problem in error.problems]
        return reasons, wrong

    def _paid(self, name: str, parts: dict[str, float | None]) -> float | None:
        """What a term pays before its weight: its value, 0 behind a closed gate, or None."""
        value, gate = parts[name], self.reward.terms[name].gate
        if value is None or gate is None:
            return value
        opened = self._paid(gate, parts)
        if opened is None:
            return None
        return value if opened > 0 else 0.0


def shorten(text: str, limit: int = SHOWN) -> str:
    """`text` with its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} [... {len(text) - 2 * half} characters ...] {text[-half:]}"


def _probe(example: Example) -> Completion:
    """A completion that thinks and gives the gold answer."""
    text = render("The gold answer.", example.answer)
    return Completion(text=text, tokens=max(1, len(text) // 4))


def _broken(term: Term, completion: Completion, example: Example, what: str) -> RewardError:
    shown = shorten(completion.text)
    problem = Problem(
        f"reward.terms.{term.name}",
        f"{term.setting.fn} {what} on row {example.id!r} for the completion\n  {shown!r}",
        "a reward returns a finite float, or None where it does not apply; mend the function",
    )
    return RewardError(problem)


def _row_problem(where: str, reason: str, ids: list[str]) -> Problem:
    named = ", ".join(map(repr, ids[:NAMED])) + (", ..." if len(ids) > NAMED else "")
    count = f"{len(ids)} row{'s' if len(ids) > 1 else ''}"
    cure = (
        "mend or drop the rows, or choose a reward that can judge them: reward=math compares "
        "answers, reward=scorer asks the reasoning-gym task"
    )
    return Problem(where, f"{reason}: {count} ({named})", cure)


def _gate_problems(reward: Reward) -> list[Problem]:
    """Gates that name no term, and gates that wait for each other."""
    problems = []
    if "total" in reward.terms:
        what = "is the name of the weighted sum in the metrics"
        problems.append(Problem("reward.terms.total", what, "choose another name"))
    for name, setting in reward.terms.items():
        where = f"reward.terms.{name}.gate"
        if setting.gate is None:
            continue
        if setting.gate not in reward.terms:
            close = difflib.get_close_matches(setting.gate, list(reward.terms), n=1)
            cure = f"did you mean {close[0]}?" if close else f"terms: {', '.join(reward.terms)}"
            problems.append(Problem(where, f"there is no term {setting.gate!r}", cure))
            continue
        seen = {name}
        gate: str | None = setting.gate
        while gate is not None and gate in reward.terms and gate not in seen:
            seen.add(gate)
            gate = reward.terms[gate].gate
        if gate == name:
            problems.append(Problem(where, "waits for itself", "break the circle of gates"))
    return problems
