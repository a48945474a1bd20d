"""How one reward differs from another, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from reasoning_lab.report.text.words import setting
from reasoning_lab.schema.reward import Reward

Settings = Mapping[str, Any]
SETTINGS = ("fn", "weight", "gate", "tasks", "params")
"""The settings of a term."""


def changes(before: Settings, after: Reward) -> str:
    """One line, such as `format.weight 0.1 → 0.3; without language (weight 0.1)`.

    `before` is the reward in its plain form, as it stands in `run.json`.
    """
    said = list(_changes(before["terms"], terms_of(after)))
    return "; ".join(said) if said else "the one of the training, unchanged"


def _changes(old: Mapping[str, Settings], new: Mapping[str, Settings]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield f"without {name} (weight {old[name]['weight']:g})"
        elif name not in old:
            yield f"with {name} (weight {new[name]['weight']:g})"
        else:
            a, b = dict(_flat(name, old[name])), dict(_flat(name, new[name]))
            for key in dict.fromkeys([*a, *b]):
                if a.get(key) != b.get(key):
                    yield f"{key} {setting(a.get(key))} → {setting(b.get(key))}"


def _flat(name: str, term: Settings) -> Iterator[tuple[str, Any]]:
    for key in SETTINGS:
        value = term.get(key)
        if key == "params":
            yield from ((f"{name}.params.{inner}", one) for inner, one in (value or {}).items())
        else:
            yield f"{name}.{key}", value


def terms_of(reward: Reward) -> dict[str, dict[str, Any]]:
    """The terms of a reward as plain settings, by name."""
    terms: dict[str, dict[str, Any]] = reward.model_dump(mode="json")["terms"]
    return terms
