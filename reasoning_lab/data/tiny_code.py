"""`data=tiny_code`: small functions to write, with tests made on the fly. No network, no files.

Item i of a stream is the same on every machine. As everywhere the question's content decides
whether a problem is held out.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker
from reasoning_lab.data.tiny_code_families import FAMILIES, Task
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import TINY_CODE
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.code_tests import json_of

MOST_TESTS = 50
_DRAWS = 20  # of inputs, before a test may repeat an earlier one


class Functions(Maker):
    """The stream of problems."""

    task = TINY_CODE

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """`params`: `tests` (1 to 50) a problem, and `families`, names of `FAMILIES` or null."""
        self.tests = 6 if params["tests"] is None else params["tests"]
        families = params["families"]
        problems = []
        whole = isinstance(self.tests, int) and not isinstance(self.tests, bool)
        if not whole or not 1 <= self.tests <= MOST_TESTS:
            problems.append(
                self.problem("tests", f"must be from 1 to {MOST_TESTS}, got {self.tests!r}")
            )
        self.families = list(FAMILIES) if families is None else families
        if not isinstance(self.families, list) or not self.families:
            return [*problems, self.problem("families", "must be a list of names, or null")]
        unknown = [name for name in map(str, self.families) if name not in FAMILIES]
        return problems + [
            self.problem("families", f"no family {name!r}", did_you_mean(name, FAMILIES))
            for name in unknown
        ]

    def make(self, rng: Random) -> dict[str, Any]:
        """One function: `answer` is the reference solution."""
        family = rng.choice(self.families)
        task = FAMILIES[family](rng)
        declared = f"{task.name}({task.parameters})"
        return {
            "question": f"Write a Python function {declared} that returns {task.does}.",
            "answer": task.source,
            "trace": f"{declared} returns {task.does}.",
            "tests": call_tests(task, self.tests, rng),
            "family": family,
        }

    def extras(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Which kind of function it is."""
        return {"family": entry["family"]}


def call_tests(task: Task, count: int, rng: Random) -> list[dict[str, Any]]:
    """Call tests; no constant passes them all if the drawn inputs allow it."""
    seen: list[tuple[Any, ...]] = []
    results: list[Any] = []
    draws = 0
    while len(seen) < count:
        args = task.inputs(rng)
        draws += 1
        result = task.truth(*args)
        late = draws > _DRAWS * count
        constant = len(seen) == count - 1 and results and all(result == one for one in results)
        if not late and (args in seen or constant):
            continue
        seen.append(args)
        results.append(result)
    return [
        {"type": "call", "fn": task.name, "args": json_of(list(args)), "expected": json_of(result)}
        for args, result in zip(seen, results, strict=True)
    ]
