"""Writes the two lock files of the door from the installed packages.

    python tests/door/locks.py

`trl_fields.json`: fields of the pinned TRL's configs, each with the kinds of value it takes.
`gym_tasks.json`: reasoning-gym's tasks, each with the fields of its own config, and the defaults
of the fields that come as a pair, `min_x` and `max_x`. The door reads them and imports neither.
"""

import collections.abc
import dataclasses
import enum
import json
import types
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import reasoning_lab.schema
from reasoning_lab.schema.stages import VERBS

SCHEMA = Path(reasoning_lab.schema.__file__).parent
NOT_PARAMS = {"seed", "size"}
PLAIN = {bool: "bool", int: "int", float: "float", str: "str", dict: "dict", type(None): "null"}
LISTS = (list, tuple, collections.abc.Sequence)
ANY = "any"
"""A field whose values cannot be told from its type."""


def trl_fields() -> dict[str, Any]:
    """Fields of the trainer configs, in the order TRL declares them."""
    import trl

    configs = {kind: verb.trl_config for kind, verb in VERBS.items() if verb.trl_config}
    fields = {kind: kinds_of(attrgetter(config)(trl)) for kind, config in configs.items()}
    return {"version": version("trl"), "fields": fields}


def gym_tasks() -> dict[str, Any]:
    """Tasks of reasoning-gym, each with its config's fields."""
    import reasoning_gym  # noqa: F401  fills the registry
    from reasoning_gym.factory import DATASETS

    configs = {name: config for name, (_, config) in sorted(DATASETS.items())}
    tasks = {
        name: {k: v for k, v in sorted(kinds_of(config).items()) if k not in NOT_PARAMS}
        for name, config in configs.items()
    }
    pairs = {name: found for name, config in configs.items() if (found := pairs_of(config))}
    return {"version": version("reasoning-gym"), "tasks": tasks, "pairs": pairs}


def kinds_of(config: type) -> dict[str, str]:
    """The fields of a dataclass with the kinds of YAML value they take: `float|null`."""
    hints = get_type_hints(config)
    found = {}
    for field in dataclasses.fields(config):
        taken = kinds(hints[field.name])
        if field.default is not dataclasses.MISSING:
            taken |= of_value(field.default)
        found[field.name] = ANY if ANY in taken else "|".join(sorted(taken))
    return found


def kinds(hint: Any) -> set[str]:
    """The kinds of YAML value that a type hint allows; `any` where it is none of them."""
    if hint in PLAIN:
        return {PLAIN[hint]}
    origin = get_origin(hint) or hint
    if origin in (Union, types.UnionType):
        return set().union(*(kinds(inner) for inner in get_args(hint)))
    if origin is Literal:
        return set().union(*(of_value(value) for value in get_args(hint)))
    if origin is dict or origin in LISTS:
        return {"dict" if origin is dict else "list"}
    # An enum whose members are strings may be given by its value.
    return {"str"} if isinstance(hint, type) and issubclass(hint, (str, enum.Enum)) else {ANY}


def of_value(value: Any) -> set[str]:
    """The kind of a default value."""
    if isinstance(value, enum.Enum):
        return {"str"}
    return kinds(type(value))


def pairs_of(config: type) -> dict[str, float]:
    """Defaults of the numbers that come as `min_x` and `max_x`."""
    numbers = {
        f.name: f.default
        for f in dataclasses.fields(config)
        if isinstance(f.default, (int, float)) and not isinstance(f.default, bool)
    }
    found = {}
    for low, default in sorted(numbers.items()):
        high = f"max_{low.removeprefix('min_')}"
        if low.startswith("min_") and high in numbers and default <= numbers[high]:
            found |= {low: default, high: numbers[high]}
    return found


def text(value: dict[str, Any]) -> str:
    """The lock as text: one entry a line, so that an upgrade reads well in a diff."""
    return json.dumps(value, indent=1) + "\n"


LOCKS = {"trl_fields.json": trl_fields, "gym_tasks.json": gym_tasks}

if __name__ == "__main__":
    for name, build in LOCKS.items():
        (SCHEMA / name).write_text(text(build()), encoding="utf-8")
