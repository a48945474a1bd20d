"""A configuration seen by the rules, and the table that rules enter themselves in.

A rule names the keys it reads and gets their values. It is skipped when a key is absent (the
stage has no such knob) or already refused, so that one mistake is reported once and all mistakes
are reported together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reasoning_lab.errors import Problem

Check = Callable[..., Iterable[Problem]]
ABSENT = object()


@dataclass(frozen=True)
class Rule:
    """A check over the values of some keys."""

    keys: tuple[str, ...]
    check: Check

    def apply(self, plain: Mapping[str, Any], refused: frozenset[str]) -> Iterator[Problem]:
        """The rule's problems; none where it cannot be applied."""
        if any(_overlap(key, bad) for key in self.keys for bad in refused):
            return
        values = [value_at(plain, key) for key in self.keys]
        if not any(value is ABSENT for value in values):
            yield from self.check(*values)


RULES: list[Rule] = []


def rule(*keys: str) -> Callable[[Check], Check]:
    """Enter a function over the values of `keys` into the table of rules."""

    def enter(check: Check) -> Check:
        RULES.append(Rule(keys, check))
        return check

    return enter


def value_at(plain: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key, or `ABSENT`."""
    value: Any = plain
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return ABSENT
        value = value[part]
    return value


def _overlap(key: str, bad: str) -> bool:
    return key == bad or key.startswith(f"{bad}.") or bad.startswith((f"{key}.", f"{key}["))
