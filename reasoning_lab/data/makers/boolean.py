"""`data=boolean`: expressions of True and False, reduced one operation at a time."""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, ranges, whole_numbers
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import BOOLEAN

_VALUE = "(True|False)"
_READY = re.compile(
    rf"not (?P<negated>{_VALUE})"
    rf"|\((?P<a>{_VALUE}) (?P<inner>and|or) (?P<b>{_VALUE})\)"
    rf"|^(?P<c>{_VALUE}) (?P<outer>and|or) (?P<d>{_VALUE})$"
)
NEGATED = 0.25
"""Share of the values and of the brackets that have a `not` before them."""


class Booleans(Maker):
    """The stream of problems: several expressions in one, since a single one is half guessed."""

    task = BOOLEAN

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/boolean.yaml`."""
        self.count = params["expressions"]
        self.low, self.high = params["min_operators"], params["max_operators"]
        bounds = {"expressions": (1, 9), "min_operators": (1, 12), "max_operators": (1, 12)}
        return [*whole_numbers(self, params, bounds), *ranges(self, params, ["operators"])]

    def make(self, rng: Random) -> dict[str, Any]:
        """One set of expressions."""
        asked = [
            _expression(rng, rng.randint(self.low, self.high), outermost=True)
            for _ in range(self.count)
        ]
        chains = [reductions(expression) for expression in asked]
        answer = " ".join(chain[-1] for chain in chains)
        return {
            "question": "Evaluate " + "; ".join(asked) + ".",
            "answer": answer,
            "trace": "\n".join([*(" = ".join(chain) for chain in chains), answer]),
        }


def reductions(expression: str) -> list[str]:
    """The expression and what is left of it after each operation, the leftmost that is ready.

    >>> reductions("(not True or False) and True")[1:]
    ['(False or False) and True', 'False and True', 'False']
    """
    chain = [expression]
    while (found := _READY.search(chain[-1])) is not None:
        before, after = chain[-1][: found.start()], chain[-1][found.end() :]
        chain.append(f"{before}{_value(found)}{after}")
    return chain


def _value(found: re.Match[str]) -> bool:
    if found["negated"]:
        return found["negated"] == "False"
    a, b = (found["a"] or found["c"]) == "True", (found["b"] or found["d"]) == "True"
    return (a and b) if (found["inner"] or found["outer"]) == "and" else (a or b)


def _expression(rng: Random, operators: int, outermost: bool = False) -> str:
    """An expression of so many `and` and `or`, in brackets unless it is the outermost."""
    negated = "not " if rng.random() < NEGATED else ""
    if not operators:
        return f"{negated}{rng.choice(('True', 'False'))}"
    left = rng.randrange(operators)
    a, b = _expression(rng, left), _expression(rng, operators - 1 - left)
    inside = f"{a} {rng.choice(('and', 'or'))} {b}"
    return inside if outermost else f"{negated}({inside})"
