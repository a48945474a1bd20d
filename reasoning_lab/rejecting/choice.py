"""Which of the verified completions of a problem are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median_low

from reasoning_lab.data.screens.duplicates import Shingles, nearest, shingles
from reasoning_lab.rejecting.verifier import Reason
from reasoning_lab.schema.stages.reject import Choose


@dataclass(frozen=True, slots=True)
class Verified:
    """A verified completion: which sample it is, its length in tokens, and its text."""

    sample: int
    tokens: int
    text: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Samples that are kept, in the order of the choice, and the others with the reason."""

    kept: tuple[int, ...]
    left: dict[int, Reason]


def choose(
    verified: Sequence[Verified],
    *,
    keep: int,
    rule: Choose,
    near_duplicate: float | None,
    seed: str,
) -> Chosen:
    """At most `keep` of `verified`, by `rule`; equal ones by their sample's number.

    One that is like a kept one by `near_duplicate` or more is passed over. `seed` is that of the
    rule `random`; each problem should have its own.

    >>> few = [Verified(0, 9, "1+2=3"), Verified(1, 5, "3"), Verified(2, 5, "3")]
    >>> choose(few, keep=2, rule="shortest", near_duplicate=0.9, seed="").kept
    (1, 0)
    """
    pieces = {one.sample: shingles(one.text) for one in verified}
    waiting = _ordered(verified, rule, seed)
    kept: list[int] = []
    left: dict[int, Reason] = {}
    while waiting:
        one = waiting[0] if rule != "unlike" else _most_unlike(waiting, kept, pieces)
        waiting.remove(one)
        likest = nearest(pieces[one.sample], (pieces[other] for other in kept))
        if near_duplicate is not None and kept and likest >= near_duplicate:
            left[one.sample] = Reason.NEAR_DUPLICATE
        elif len(kept) < keep:
            kept.append(one.sample)
        else:
            left[one.sample] = Reason.SURPLUS
    return Chosen(tuple(kept), left)


def _ordered(verified: Sequence[Verified], rule: Choose, seed: str) -> list[Verified]:
    if not verified:
        return []
    middle = median_low(one.tokens for one in verified)
    orders: dict[Choose, Callable[[Verified], int]] = {
        "shortest": lambda one: one.tokens,
        "median": lambda one: abs(one.tokens - middle),
    }
    found = sorted(verified, key=lambda one: one.sample)
    if rule == "random":
        Random(seed).shuffle(found)
    elif rule in orders:
        found.sort(key=orders[rule])
    return found


def _most_unlike(
    waiting: Sequence[Verified], kept: Sequence[int], pieces: dict[int, Shingles]
) -> Verified:
    """The first one, then always the one whose nearest kept one is the least like it."""
    return min(
        waiting,
        key=lambda one: nearest(pieces[one.sample], (pieces[other] for other in kept)),
    )
