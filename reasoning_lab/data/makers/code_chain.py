"""`data=code_chain`: a function of several steps in one expression, planned from the inside out.

Without a plan the program's first signs depend on its last steps; with one, each line wraps the
expression before it, and the program copies the last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, ranges, whole_numbers
from reasoning_lab.data.tiny_code import MOST_TESTS, call_tests
from reasoning_lab.data.tiny_code_families import Task
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import CODE_CHAIN

ATOM, TERM, SUM = range(3)
"""How tightly an expression holds together: a name or call, a product, a sum."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how it is asked for, how it is written around an expression, what it does.

    An expression of a looser kind than `takes` is put into brackets; `gives` is the new one's kind.
    """

    asked: str
    written: str
    takes: int
    gives: int
    truth: Callable[[int], int]


def _step(rng: Random) -> Step:
    n = rng.randint(2, 9)
    return rng.choice(
        (
            Step(f"add {n}", f"{{}}+{n}", SUM, SUM, lambda x: x + n),
            Step(f"subtract {n}", f"{{}}-{n}", SUM, SUM, lambda x: x - n),
            Step(f"multiply by {n}", f"{{}}*{n}", TERM, TERM, lambda x: x * n),
            Step(f"divide by {n} rounding down", f"{{}}//{n}", TERM, TERM, lambda x: x // n),
            Step(f"subtract from {n}", f"{n}-{{}}", TERM, SUM, lambda x: n - x),
            Step("take the absolute value", "abs({})", SUM, ATOM, abs),
            Step(f"raise to at least {n}", f"max({n},{{}})", SUM, ATOM, lambda x: max(n, x)),
            Step(f"lower to at most {n}", f"min({n},{{}})", SUM, ATOM, lambda x: min(n, x)),
        )
    )


class Chains(Maker):
    """The stream of functions."""

    task = CODE_CHAIN

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/code_chain.yaml`."""
        self.low, self.high = params["min_steps"], params["max_steps"]
        self.tests = params["tests"]
        bounds = {"min_steps": (1, 20), "max_steps": (1, 20), "tests": (1, MOST_TESTS)}
        return [*whole_numbers(self, params, bounds), *ranges(self, params, ["steps"])]

    def make(self, rng: Random) -> dict[str, Any]:
        """One function, its plan and its tests."""
        steps = [_step(rng) for _ in range(rng.randint(self.low, self.high))]
        plan = plan_of(steps)
        does = "x after these steps: " + ", ".join(step.asked for step in steps)
        task = Task(
            "f", "x", does, f"return {plan[-1]}", _truth(steps), lambda r: (r.randint(-20, 20),)
        )
        return {
            "question": f"Write a Python function f(x) that returns {does}.",
            "answer": task.source,
            "trace": "\n".join(
                f"{step.asked}: {expression}" for step, expression in zip(steps, plan, strict=True)
            ),
            "tests": call_tests(task, self.tests, rng),
        }


def plan_of(steps: list[Step]) -> list[str]:
    """The expression after each step: `x+3`, `(x+3)*4`, …"""
    plan, kind = ["x"], ATOM
    for step in steps:
        inside = f"({plan[-1]})" if kind > step.takes else plan[-1]
        plan.append(step.written.format(inside))
        kind = step.gives
    return plan[1:]


def _truth(steps: list[Step]) -> Callable[[int], int]:
    def value(x: int) -> int:
        for step in steps:
            x = step.truth(x)
        return x

    return value
