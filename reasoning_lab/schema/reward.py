"""What a reward choice is (`conf/reward/*.yaml`): named terms, each weighed and gated."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from reasoning_lab.schema.base import Strict


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
