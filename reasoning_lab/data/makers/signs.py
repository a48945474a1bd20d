"""`data=signs`: which signs stand between numbers, found by trying all in order.

A countdown whose numbers keep their places, so that each problem has one right answer. The answer
names the signs alone: an expression would be judged by its value, which the question tells.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from operator import add, mul, sub
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, ranges, whole_numbers
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import SIGNS

MOVES = {"+": add, "-": sub, "*": mul}
NAMES = {"+": "plus", "-": "minus", "*": "times"}
"""Words: a tokenizer would read several signs in a row, or one at a line's end, as one token."""


class Signs(Maker):
    """The stream of problems; computed from left to right, whatever the sign."""

    task = SIGNS

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/signs.yaml`."""
        self.low, self.high = params["min_numbers"], params["max_numbers"]
        self.value = params["max_value"]
        bounds = {"min_numbers": (3, 6), "max_numbers": (3, 6), "max_value": (3, 99)}
        return [*whole_numbers(self, params, bounds), *ranges(self, params, ["numbers"])]

    def make(self, rng: Random) -> dict[str, Any]:
        """Numbers and a target that one choice of signs alone makes of them."""
        while True:
            numbers = [rng.randint(1, self.value) for _ in range(rng.randint(self.low, self.high))]
            values = {
                signs: left_to_right(numbers, signs)
                for signs in product(MOVES, repeat=len(numbers) - 1)
            }
            reached = Counter(values.values())
            signs = rng.choice([*values])
            if reached[values[signs]] == 1:
                break
        target = values[signs]
        listed = " ".join(map(str, numbers))
        answer = " ".join(NAMES[sign] for sign in signs)
        asked = f"Put plus, minus or times between {listed} to make {target}, from left to right."
        return {
            "question": asked,
            "answer": answer,
            "trace": "\n".join([*_search(numbers[0], numbers[1:], target), answer]),
        }


def left_to_right(numbers: Sequence[int], signs: Sequence[str]) -> int:
    """The value of numbers with signs between, no sign before another.

    >>> left_to_right([2, 3, 4], "+*")
    20
    """
    value = numbers[0]
    for sign, number in zip(signs, numbers[1:], strict=True):
        value = MOVES[sign](value, number)
    return value


def _search(value: int, rest: Sequence[int], target: int) -> Iterator[str]:
    """Each operation that is tried, depth first: `3+7=10`, `10+5=15 no`, …, up to the `yes`."""
    for sign, move in MOVES.items():
        after = move(value, rest[0])
        step = f"{value}{sign}{rest[0]}={after}"
        if len(rest) > 1:
            yield step
            for line in _search(after, rest[1:], target):
                yield line
                if line.endswith("yes"):
                    return
        elif after == target:
            yield f"{step} yes"
            return
        else:
            yield f"{step} no"
