"""`data=euclid`: the greatest common divisor of two numbers, by Euclid's divisions.

Unlike reasoning-gym's `gcd`, where six answers in ten are 1, each divisor is asked for as often.
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
    """The stream of pairs: a divisor times two numbers that share none."""

    task = EUCLID

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/euclid.yaml`."""
        self.value, self.divisor = params["max_value"], params["max_divisor"]
        problems = [
            *whole_numbers(self, params, {"max_value": (12, 10**6), "max_divisor": (1, 10**5)})
        ]
        if not problems and self.divisor * 3 > self.value:
            what = f"{self.divisor} and two of its multiples are not all below {self.value}"
            cure = f"use {self.where}.params.max_divisor={self.value // 3}"
            problems.append(self.problem("max_divisor", what, cure))
        return problems

    def make(self, rng: Random) -> dict[str, Any]:
        """One pair."""
        divisor = rng.randint(1, self.divisor)
        most = self.value // divisor
        first = second = 1
        while first == second or gcd(first, second) > 1:
            first, second = rng.randint(1, most), rng.randint(1, most)
        first, second = divisor * first, divisor * second
        lines, _ = euclid(first, second)
        return {
            "question": f"What is the greatest common divisor of {first} and {second}?",
            "answer": str(divisor),
            "trace": "\n".join(lines),
        }
