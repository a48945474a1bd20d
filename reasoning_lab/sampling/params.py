"""How completions are drawn: every setting is said, and nothing else decides.

A model's own `generation_config.json` has no say: temperature, top-p, penalties and lengths that
stand in it are never read. What a field is when it is left out is for `conf/` to say, so there are
no defaults here.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from reasoning_lab.errors import ParamsError, Problem

Rule = tuple[str, bool, str]
"""A field, whether its value will do, and what it must be."""


def require(settings: object, rules: Iterable[Rule]) -> None:
    """Raise ParamsError with every field of `settings` whose rule does not hold."""
    wrong = [
        Problem(name, f"must be {rule}, got {getattr(settings, name)!r}")
        for name, holds, rule in rules
        if not holds
    ]
    if wrong:
        raise ParamsError(*wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    r"""The settings of sampling, the same for all completions of a stream.

    - `temperature`: 0 takes the likeliest token; else logits are divided by it.
    - `top_p`: only the likeliest tokens that together reach this mass, in (0, 1]; 1 is off.
    - `top_k`: only so many of the likeliest tokens; 0 is off.
    - `max_completion_length`: the most tokens written, forced ones included.
    - `seed`: with a request's key it makes the random numbers of one completion.
    - `stop`: strings that end a completion once thinking has closed; they are cut off.
    - `max_think_tokens`: a think block that is still open after so many tokens is closed by force
      (budget forcing, arXiv:2501.19393); None never forces.

    Raises ParamsError with all that is out of range.

    >>> Params(temperature=0.0, top_p=1.0, top_k=0, max_completion_length=64, seed=0, stop=(),
    ...        max_think_tokens=None).greedy
    True
    """

    temperature: float
    top_p: float
    top_k: int
    max_completion_length: int
    seed: int
    stop: tuple[str, ...]
    max_think_tokens: int | None

    def __post_init__(self) -> None:
        budget = self.max_think_tokens
        rules = (
            ("temperature", isfinite(self.temperature) and self.temperature >= 0, "0 or more"),
            ("top_p", 0 < self.top_p <= 1, "above 0 and at most 1"),
            ("top_k", self.top_k >= 0, "0 (off) or more"),
            ("max_completion_length", self.max_completion_length >= 1, "at least 1"),
            ("seed", self.seed >= 0, "0 or more"),
            ("stop", all(self.stop), "strings that are not empty"),
            ("max_think_tokens", budget is None or budget >= 0, "0 or more, or null"),
        )
        require(self, rules)

    @property
    def greedy(self) -> bool:
        """Whether every completion is the likeliest one, so that a second one says nothing new."""
        return self.temperature == 0

    def row(self) -> dict[str, Any]:
        """All fields as plain JSON values, to be stored beside what was sampled."""
        return asdict(self) | {"stop": list(self.stop)}
