"""`data=tiny_code`: small functions to write, with tests made on the fly. No network, no files.

Item i of a stream is the same on every machine. As everywhere the question's content decides
whether a problem is held out.
"""

from random import Random
from typing import Any

from reasoning_lab.data.tiny_code_families import FAMILIES, Task
from reasoning_lab.errors import DataError, Problem
from reasoning_lab.schema.own_tasks import OWN_TASKS, TINY_CODE
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.code_tests import json_of
from reasoning_lab.text.example import Example

MOST_TESTS = 50
_DRAWS = 20  # of inputs, before a test may repeat an earlier one


class Functions:
    """The stream of problems, as `procedural.walk` draws from it."""

    task = TINY_CODE
    where = "data"

    def __init__(self, params: dict[str, Any], seed: int) -> None:
        """`params`: `tests` (1 to 50) a problem, and `families`, names of `FAMILIES` or null.

        Raises DataError for anything else.
        """
        self.tests, families = params.get("tests", 6), params.get("families")
        known = OWN_TASKS[TINY_CODE].params
        problems = [
            Problem(f"data.params.{name}", f"`{TINY_CODE}` has no such parameter",
                    did_you_mean(name, known))
            for name in params if name not in known
        ]  # fmt: skip
        whole = isinstance(self.tests, int) and not isinstance(self.tests, bool)
        if not whole or not 1 <= self.tests <= MOST_TESTS:
            problems.append(
                Problem("data.params.tests", f"must be from 1 to {MOST_TESTS}, got {self.tests!r}")
            )
        self.families = list(FAMILIES) if families is None else families
        if not isinstance(self.families, list) or not self.families:
            problems.append(Problem("data.params.families", "must be a list of names, or null"))
        else:
            problems += [
                Problem("data.params.families", f"no family {name!r}", did_you_mean(name, FAMILIES))
                for name in map(str, self.families) if name not in FAMILIES
            ]  # fmt: skip
        if problems:
            raise DataError(*problems)
        self.seed = seed

    def draw(self, index: int) -> dict[str, Any]:
        """Item `index`: `question`, `answer` (the reference solution), `trace` and `tests`."""
        rng = Random(self.seed + index)
        family = rng.choice(self.families)
        task = FAMILIES[family](rng)
        declared = f"{task.name}({task.parameters})"
        return {
            "question": f"Write a Python function {declared} that returns {task.does}.",
            "answer": task.source,
            "trace": f"{declared} returns {task.does}.",
            "tests": _tests(task, self.tests, rng),
            "family": family,
        }

    def example(self, entry: dict[str, Any], index: int, name: str) -> Example:
        """The example of an item."""
        return Example(
            id=name,
            prompt=({"role": "user", "content": entry["question"]},),
            answer=entry["answer"],
            task=OWN_TASKS[self.task].row_task,
            trace=entry["trace"],
            tests=tuple(entry["tests"]),
            meta={"source": self.task, "family": entry["family"], "index": index},
        )


def _tests(task: Task, count: int, rng: Random) -> list[dict[str, Any]]:
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
