"""How the reward of a replay differs from that of the training, and what makes the two unlike.

A term whose settings are the same should give the values that are stored. Where it does not, its
code (or a term that it reads) has changed since, and what the replay shows is not the weights'
doing alone; that is said.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from reasoning_lab.replaying.figures import Judged
from reasoning_lab.report.text.reward_changes import SETTINGS, terms_of
from reasoning_lab.rewards.compose import total_bounds
from reasoning_lab.schema.reward import Reward
from reasoning_lab.statistics.interval import Bounds

RAW = ("fn", "tasks", "params")
"""The settings that decide a term's raw value; the others only weigh it."""

Settings = Mapping[str, Any]


class Doubts:
    """Takes the steps of a replay and counts what should be equal and is not."""

    def __init__(self, before: Settings, after: Reward) -> None:
        self._comparable = _unchanged(before, after, RAW)
        self._identical = _identical(before, after)
        self._drifted: Counter[str] = Counter()
        self._totals = self._apart = self._completions = 0

    def add(self, step: Sequence[Judged]) -> None:
        """Compare the completions of a step."""
        self._completions += len(step)
        for one in step:
            stored = one.stored
            for name in self._comparable:
                self._drifted[name] += stored.parts.get(name) != one.score.parts[name]
            same = stored.total == one.score.total and one.advantage_before == one.advantage
            self._totals += not same
            self._apart += stored.advantage not in (None, one.recomputed)

    def notes(self) -> list[str]:
        """Sentences for the reader; the good news is said too."""
        found, everything = [], f"{self._completions:,} completions"
        if self._identical and not self._totals:
            found.append(f"all totals and advantages of the {everything} came out as stored")
        found += [
            f"{name}: another value than in training for {number:,} of {everything}, with the "
            "same settings: its code, or that of a term it reads, has changed since"
            for name, number in self._drifted.items()
            if number
        ]
        if self._apart:
            found.append(
                f"{self._apart:,} stored advantages were taken over more completions than are "
                "stored (several devices, or several batches a step); the new ones were not"
            )
        return found


def yes_no_then(yes_no: Collection[str], before: Settings, after: Reward) -> set[str]:
    """Those of `yes_no`, what can only be 0 and 1 now, that could only be so in training too."""
    could = {*_unchanged(before, after, RAW), *(["total"] if _identical(before, after) else [])}
    return could & set(yes_no)


def bounds_then(bounds: Mapping[str, Bounds], before: Settings, after: Reward) -> dict[str, Bounds]:
    """The ranges of terms and of the total in training, by those of the terms now: known of a term
    whose settings are the same, and of a total of such terms alone.
    """
    found = {n: bounds[n] for n in _unchanged(before, after, RAW) if n in bounds}
    whole = total_bounds(
        (term["weight"], term["gate"] is not None, found.get(name))
        for name, term in before["terms"].items()
    )
    return found if whole is None else {**found, "total": whole}


def _unchanged(before: Settings, after: Reward, keys: Sequence[str]) -> list[str]:
    """Names of the terms that both rewards have with the same settings `keys`."""
    old, new = before["terms"], terms_of(after)
    return [
        name
        for name in new
        if name in old and all(old[name].get(key) == new[name].get(key) for key in keys)
    ]


def _identical(before: Settings, after: Reward) -> bool:
    """Whether the two pay the same: the same terms, weights and gates."""
    same = {*_unchanged(before, after, SETTINGS)}
    return bool(before["terms"].keys() == after.terms.keys() == same)
