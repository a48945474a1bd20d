"""`data=swaps`: things in a row that change places; who followed each change knows the row."""

from collections.abc import Mapping
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, ranges, whole_numbers
from reasoning_lab.data.makers.words import THINGS
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import SWAPS


class Swaps(Maker):
    """The stream of rows."""

    task = SWAPS

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/swaps.yaml`."""
        self.things = params["things"]
        self.low, self.high = params["min_swaps"], params["max_swaps"]
        bounds = {"things": (3, 9), "min_swaps": (1, 40), "max_swaps": (1, 40)}
        return [*whole_numbers(self, params, bounds), *ranges(self, params, ["swaps"])]

    def make(self, rng: Random) -> dict[str, Any]:
        """One row and its swaps; no two like swaps follow each other."""
        row = rng.sample(THINGS, self.things)
        first = " ".join(row)
        swaps: list[tuple[int, int]] = []
        wanted = rng.randint(self.low, self.high)
        while len(swaps) < wanted:
            a, b = sorted(rng.sample(range(self.things), 2))
            if swaps[-1:] != [(a, b)]:
                swaps.append((a, b))
        steps = []
        for a, b in swaps:
            row[a], row[b] = row[b], row[a]
            steps.append(f"{a + 1}-{b + 1}: {' '.join(row)}")
        asked = ", ".join(f"{a + 1}-{b + 1}" for a, b in swaps)
        return {
            "question": f"In a row stand {first}. Swap the places {asked}. How do they stand now?",
            "answer": " ".join(row),
            "trace": "\n".join(steps),
        }
