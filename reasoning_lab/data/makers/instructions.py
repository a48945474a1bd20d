"""`data=instructions`: plain requests that want no reasoning, to see what a training forgets.

The judge reads an answer as mathematics first and does not mind upper and lower case. So no kind
asks for another case, and no answer is a list with commas, which it would read as a set.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, ranges, whole_numbers
from reasoning_lab.data.makers.words import THINGS
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import INSTRUCTIONS
from reasoning_lab.schema.suggest import did_you_mean

Words = Sequence[str]
Kind = Callable[[Words, Random], tuple[str, str]]  # words -> (request, answer)


def _copy(words: Words, rng: Random) -> tuple[str, str]:
    return f"Repeat these words: {' '.join(words)}", " ".join(words)


def _reverse(words: Words, rng: Random) -> tuple[str, str]:
    return f"Say these words backwards: {' '.join(words)}", " ".join(reversed(words))


def _sort(words: Words, rng: Random) -> tuple[str, str]:
    return f"Sort these words by the alphabet: {' '.join(words)}", " ".join(sorted(words))


def _join(words: Words, rng: Random) -> tuple[str, str]:
    return f"Join these words with underscores: {' '.join(words)}", "_".join(words)


def _part(words: Words, rng: Random) -> tuple[str, str]:
    return f"Put spaces for the underscores: {'_'.join(words)}", " ".join(words)


def _first(words: Words, rng: Random) -> tuple[str, str]:
    return f"Give the first of these words: {' '.join(words)}", words[0]


def _last(words: Words, rng: Random) -> tuple[str, str]:
    return f"Give the last of these words: {' '.join(words)}", words[-1]


def _without(words: Words, rng: Random) -> tuple[str, str]:
    gone = rng.randrange(len(words))
    rest = " ".join([*words[:gone], *words[gone + 1 :]])
    return f"Leave out {words[gone]}: {' '.join(words)}", rest


def _replace(words: Words, rng: Random) -> tuple[str, str]:
    place = rng.randrange(len(words))
    new = rng.choice([word for word in THINGS if word not in words])
    changed = " ".join([*words[:place], new, *words[place + 1 :]])
    return f"Write {new} for {words[place]}: {' '.join(words)}", changed


KINDS: dict[str, Kind] = {
    make.__name__[1:]: make
    for make in (_copy, _reverse, _sort, _join, _part, _first, _last, _without, _replace)
}


class Instructions(Maker):
    """The stream of requests."""

    task = INSTRUCTIONS

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/instructions.yaml`."""
        self.low, self.high = params["min_words"], params["max_words"]
        bounds = dict.fromkeys(("min_words", "max_words"), (2, 12))
        kinds = params["kinds"]
        self.kinds = list(KINDS) if kinds is None else kinds
        problems = [*whole_numbers(self, params, bounds), *ranges(self, params, ["words"])]
        if not isinstance(self.kinds, list) or not self.kinds:
            problems.append(self.problem("kinds", "must be a list of names, or null"))
            return problems
        unknown = [str(kind) for kind in self.kinds if kind not in KINDS]
        return problems + [
            self.problem("kinds", f"no kind {kind!r}", did_you_mean(kind, KINDS))
            for kind in unknown
        ]

    def make(self, rng: Random) -> dict[str, Any]:
        """One request."""
        kind = rng.choice(self.kinds)
        words = rng.sample(THINGS, rng.randint(self.low, self.high))
        question, answer = KINDS[kind](words, rng)
        return {"question": question, "answer": answer, "trace": None, "kind": kind}

    def extras(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Which kind of request it is."""
        return {"kind": entry["kind"]}
