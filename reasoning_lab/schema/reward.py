"""What a reward choice is (`conf/reward/*.yaml`): named terms, each weighed and gated."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from reasoning_lab.errors import Problem
from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.suggest import did_you_mean


class Term(Strict):
    """One reward term. Its key under `reward.terms` is its metric name.

    `fn` is `module:function`; `gate` names another term that must have paid (> 0) for this one
    to be paid; weight 0 means measured, not trained. `tasks` names the tasks (`Example.task`)
    whose rows the term judges, null for all; of another row it says None.
    """

    fn: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    weight: float = Field(ge=-100, le=100)
    gate: str | None
    tasks: tuple[str, ...] | None = Field(min_length=1)
    params: dict[str, Any]


class Reward(Strict):
    """A weighted sum of terms."""

    name: str
    terms: dict[str, Term] = Field(min_length=1)


def gate_problems(gates: Mapping[str, str | None]) -> Iterator[Problem]:
    """What is wrong with the terms' names and gates, given as name to gate: a gate is another term,
    and gates do not run in a circle.
    """
    if "total" in gates:
        what = "is the name of the weighted sum in the metrics"
        yield Problem("reward.terms.total", what, "choose another name")
    for name, gate in gates.items():
        key = f"reward.terms.{name}.gate"
        if gate == name:
            yield Problem(key, "a term cannot be its own gate", f"use {key}=null")
        elif gate is not None and gate not in gates:
            others = [other for other in gates if other != name]
            yield Problem(key, f"there is no term {gate!r}", did_you_mean(gate, others))
        elif _returns(name, gates):
            yield Problem(key, "these gates run in a circle", f"use {key}=null")


def _returns(name: str, gates: Mapping[str, str | None]) -> bool:
    """Whether the gates from `name` on lead back to it."""
    gate, seen = gates[name], set[str]()
    while gate is not None and gate in gates and gate not in seen:
        if gate == name:
            return True
        seen.add(gate)
        gate = gates[gate]
    return False
