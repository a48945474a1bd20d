"""`data=euclid`: the greatest common divisor of two numbers, by Euclid's divisions.

Unlike in reasoning-gym's `gcd`, where half of the answers are 1 or 2, each divisor is asked for as
often: there are as many pairs of it, so that this holds for different problems too.
"""

from collections.abc import Mapping
from math import gcd
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, whole_numbers
from reasoning_lab.data.traces import euclid
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import EUCLID


class Divisors(Maker):
    """The stream of pairs: a divisor times two different factors that share none."""

    task = EUCLID

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/euclid.yaml`."""
        self.divisor, self.factor = params["max_divisor"], params["max_factor"]
        bounds = {"max_divisor": (1, 10**5), "max_factor": (2, 10**5)}
        return [*whole_numbers(self, params, bounds)]

    def make(self, rng: Random) -> dict[str, Any]:
        """One pair."""
        divisor = rng.randint(1, self.divisor)
        first = second = 1
        while first == second or gcd(first, second) > 1:
            first, second = rng.randint(1, self.factor), rng.randint(1, self.factor)
        # The larger first: the same pair the other way round could be held out from itself.
        first, second = divisor * max(first, second), divisor * min(first, second)
        lines, _ = euclid(first, second)
        return {
            "question": f"What is the greatest common divisor of {first} and {second}?",
            "answer": str(divisor),
            "trace": "\n".join(lines),
        }
