"""One exploit against one problem: what it earns, and what honest completions earn there."""

import time
from dataclasses import dataclass

from reasoning_lab.audit.exploit import Exploit
from reasoning_lab.audit.honest import right_reply, wrong_replies
from reasoning_lab.audit.problem import Problem
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.text.example import Completion, Score

LETTERS_PER_TOKEN = 4  # no tokenizer here; what rewards of length see is this estimate


@dataclass(frozen=True, slots=True)
class Bout:
    """A scored completion beside the honest ones.

    `right` is None for a row without a known right completion (a program without a reference).
    `seconds` is the time that scoring took, a completion.
    """

    problem: Problem
    completion: Completion
    score: Score
    right: Score | None
    wrong: Score
    seconds: float

    @property
    def excess(self) -> float | None:
        """What it earned above honest and wrong; None if no term scored it."""
        return None if self.score.total is None else self.score.total - floor(self.wrong)

    @property
    def gap(self) -> float | None:
        """What honest and right earned above honest and wrong."""
        if self.right is None or self.right.total is None:
            return None
        return self.right.total - floor(self.wrong)


class Referee:
    """Scores completions one by one, with the honest ones of the same problem.

    Where a term compares the completions of a group, each is scored in a group with the honest
    ones; else those are scored once a problem.
    """

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self._honest: dict[str, tuple[Score | None, Score]] = {}

    def meet(self, problem: Problem, exploit: Exploit, text: str) -> Bout:
        """Score `text`, written by `exploit`. Raises RewardError if a term is broken."""
        attack = Completion(text, _tokens(text), exploit.finish)
        if self.composer.group_terms:
            return self._in_group(problem, attack)
        if problem.example.id not in self._honest:
            self._honest[problem.example.id] = self._score_honest(problem)
        right, wrong = self._honest[problem.example.id]
        started = time.perf_counter()
        score = self.composer.score(attack, problem.example)
        return Bout(problem, attack, score, right, wrong, time.perf_counter() - started)

    def _score_honest(self, problem: Problem) -> tuple[Score | None, Score]:
        right, wrongs = _honest(problem)
        scores = [self.composer.score(each, problem.example) for each in wrongs]
        good = self.composer.score(right, problem.example) if right else None
        return good, max(scores, key=floor)

    def _in_group(self, problem: Problem, attack: Completion) -> Bout:
        right, wrongs = _honest(problem)
        members = [attack, *wrongs, *([right] if right else [])]
        batch = [(each, problem.example) for each in members]
        started = time.perf_counter()
        score, *honest = self.composer.score_batch(batch, [0] * len(batch))
        seconds = (time.perf_counter() - started) / len(batch)
        wrong = max(honest[: len(wrongs)], key=floor)
        good = honest[-1] if right else None
        return Bout(problem, attack, score, good, wrong, seconds)


def floor(score: Score) -> float:
    """A total as a number to compare with: what is not scored earns nothing."""
    return score.total or 0.0


def _honest(problem: Problem) -> tuple[Completion | None, list[Completion]]:
    right = right_reply(problem)
    wrongs = [Completion(text, _tokens(text)) for text in wrong_replies(problem)]
    return (Completion(right, _tokens(right)) if right is not None else None), wrongs


def _tokens(text: str) -> int:
    return max(1, len(text) // LETTERS_PER_TOKEN)
