"""What makes the problems of one of the lab's own tasks, as `procedural.walk` draws from it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from reasoning_lab.errors import DataError, Problem
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.example import Example


class Maker(ABC):
    """A stream of problems: item i follows from the parameters and `seed + i` alone.

    `task` is the task's name, `where` the configuration key of its parameters, without `.params`.
    """

    task: ClassVar[str]

    def __init__(self, params: Mapping[str, Any], seed: int, where: str = "data") -> None:
        """Raises DataError, with every problem at once, for parameters that cannot be served."""
        self.where = where
        self.seed = seed
        known = OWN_TASKS[self.task].params
        problems = [
            self.problem(name, f"`{self.task}` has no such parameter", did_you_mean(name, known))
            for name in params
            if name not in known
        ]
        problems += self.take({**dict.fromkeys(known), **params})
        if problems:
            raise DataError(*problems)

    def problem(self, name: str, what: str, cure: str = "") -> Problem:
        """The problem of parameter `name`."""
        return Problem(f"{self.where}.params.{name}", what, cure)

    @abstractmethod
    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """Keep the parameters, None where one is missing; what is wrong with those of the task."""

    @abstractmethod
    def make(self, rng: Random) -> dict[str, Any]:
        """One item: `question`, `answer`, `trace` (text, or None) and whatever `extras` wants."""

    def draw(self, index: int) -> dict[str, Any]:
        """Item `index`."""
        return self.make(Random(self.seed + index))

    def extras(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What else the rows' `meta` holds."""
        return {}

    def example(self, entry: Mapping[str, Any], index: int, name: str) -> Example:
        """The example of an item."""
        return Example(
            id=name,
            prompt=({"role": "user", "content": entry["question"]},),
            answer=entry["answer"],
            task=OWN_TASKS[self.task].row_task,
            trace=entry["trace"],
            tests=tuple(entry.get("tests", ())),
            meta={"source": self.task, **self.extras(entry), "index": index},
        )


Bounds = Mapping[str, tuple[int, int]]
"""The least and the most that a whole number may be, by parameter."""


def whole_numbers(maker: Maker, params: Mapping[str, Any], bounds: Bounds) -> Iterator[Problem]:
    """What is wrong with parameters that are whole numbers within bounds."""
    for name, (low, high) in bounds.items():
        value = params[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            said = "it is missing" if value is None else f"got {value!r}"
            yield maker.problem(name, f"must be a whole number from {low} to {high}, {said}")


def ranges(maker: Maker, params: Mapping[str, Any], names: Sequence[str]) -> Iterator[Problem]:
    """A `min_x` that is over its `max_x`, for each x of `names`."""
    for name in names:
        low, high = params[f"min_{name}"], params[f"max_{name}"]
        if isinstance(low, int) and isinstance(high, int) and low > high:
            what = f"min_{name}={low}, but max_{name}={high}"
            yield maker.problem(f"min_{name}", what, f"use {maker.where}.params.max_{name}={low}")
