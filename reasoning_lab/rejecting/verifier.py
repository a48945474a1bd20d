"""Judging samples as they come: right by the reward, and fit to learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reasoning_lab.data.screens.language import mixes_languages
from reasoning_lab.data.screens.repetition import repeats
from reasoning_lab.errors import ConfigError
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.sampling.request import Key, Sampled
from reasoning_lab.schema.stages.reject import Reject, ScreenRules
from reasoning_lab.text.example import Completion, Example, Score, Verdict


class Reason(StrEnum):
    """Why a completion is not kept; the first that holds, in this order."""

    CUT_OFF = "cut off"
    WRONG = "wrong"
    UNPARSABLE = "unparsable"
    TIMEOUT = "timeout"
    BAD_GOLD = "bad gold"
    UNJUDGED = "not judged"
    LOW_REWARD = "low reward"
    REPETITION = "repetition"
    LANGUAGE = "mixed language"
    NEAR_DUPLICATE = "near duplicate"
    SURPLUS = "more than are kept"


_OF_VERDICT = {
    Verdict.WRONG: Reason.WRONG,
    Verdict.UNPARSABLE: Reason.UNPARSABLE,
    Verdict.TIMEOUT: Reason.TIMEOUT,
    Verdict.BAD_GOLD: Reason.BAD_GOLD,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a sample; its text stays in the store. Verified: there is no reason."""

    tokens: int
    reward: float | None
    verdict: Verdict | None
    reason: Reason | None


class Verifier:
    """Judges samples by a reward and by screens, and remembers what it found.

    Each completion is scored as a group of its own: terms that compare the completions of a problem
    have nothing to compare, since what else was drawn of it depends on when it was looked at.
    """

    def __init__(
        self, examples: Mapping[str, Example], composer: Composer, settings: Reject
    ) -> None:
        self.found: dict[Key, Finding] = {}
        self._examples, self._composer, self._settings = examples, composer, settings

    def __call__(self, batch: Sequence[Sampled]) -> list[bool | None]:
        """Whether each sample is verified; None where no one could judge it.

        Raises RewardError where a term is broken, and ConfigError where a completion was paid and
        not judged right or wrong, and `min_reward` does not decide either.
        """
        rows = [(one.completion, self._examples[one.key.problem]) for one in batch]
        scores = self._composer.score_batch(rows, range(len(rows)))
        verdicts: list[bool | None] = []
        for sampled, score in zip(batch, scores, strict=True):
            finding = self._finding(sampled.completion, score)
            self.found[sampled.key] = finding
            unjudged = finding.reason is Reason.UNJUDGED
            verdicts.append(None if unjudged else finding.reason is None)
        return verdicts

    def _finding(self, completion: Completion, score: Score) -> Finding:
        rules, least = self._settings.screens, self._settings.min_reward
        reason = _verdict(score, least)
        if rules.cut_off and completion.finish == "length":
            reason = Reason.CUT_OFF
        if reason is None:
            reason = _unfit(completion.text, rules)
        return Finding(completion.tokens, score.total, score.verdict, reason)


def _verdict(score: Score, least: float | None) -> Reason | None:
    """Why the reward does not let a completion pass; None where it does."""
    if score.verdict is not None and not score.verdict:
        return _OF_VERDICT[score.verdict]
    if score.total is None:
        return Reason.UNJUDGED
    if score.verdict is None and least is None:
        what = "no term of this reward says whether an answer is right, so it has to be said"
        cure = "give the least total reward of a right one, such as stage.min_reward=1"
        raise ConfigError.one("stage.min_reward", what, cure)
    if least is not None and score.total < least:
        return Reason.LOW_REWARD
    return None


def _unfit(text: str, rules: ScreenRules) -> Reason | None:
    """What makes a right completion unfit to learn from, if anything."""
    most, n = rules.repetition, rules.repetition_words
    if most is not None and repeats(text, most=most, n=n):
        return Reason.REPETITION
    if rules.language is not None and mixes_languages(text, least=rules.language):
        return Reason.LANGUAGE
    return None
