"""The tasks of reasoning-gym: looked up by name, their parameters checked, their items drawn.

`import reasoning_gym` takes about two seconds (it brings sympy and matplotlib), so it happens
inside these functions and never when a configuration is merely composed or checked.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from reasoning_lab.data.suggest import suggest
from reasoning_lab.errors import DataError, Problem

# What a generator raises on parameters that it cannot serve.
_GENERATOR_ERRORS = (
    AssertionError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
# Fields of every task's configuration that the lab sets itself, and where the user sets them.
_OWNED = {"seed": "set `data.seed`", "size": "set `data.train_size` and `data.heldout_size`"}


def stream_seed(*names: object) -> int:
    """A 31-bit seed from names. Item i of a task is drawn from `seed + i`, so neighbouring seeds
    would give the same items moved by one; hashing keeps the streams of two seeds apart."""
    text = "\x1f".join(map(str, names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % 2**31


def create(task: str, params: dict[str, Any], seed: int, where: str = "data") -> Any:
    """The reasoning-gym data set of a task; item i depends on `seed + i` alone.

    `where` is the configuration key of the task's owner, for messages.

    Raises DataError, with every problem at once, for an unknown task or parameter and for values
    that the task refuses.
    """
    config = _config(task, where)
    names = {field.name: field for field in dataclasses.fields(config)}
    problems = [
        Problem(f"{where}.params.{name}", "is set by the lab", _OWNED[name])
        for name in params
        if name in _OWNED
    ]
    problems += [
        Problem(
            f"{where}.params.{name}",
            f"the task `{task}` has no such parameter",
            suggest(name, names.keys() - _OWNED.keys()),
        )
        for name in params
        if name not in names
    ]
    if problems:
        raise DataError(*problems)
    import reasoning_gym

    try:
        return reasoning_gym.create_dataset(
            task, **{name: _typed(value, names[name]) for name, value in params.items()}, seed=seed
        )
    except _GENERATOR_ERRORS as error:
        raise DataError.one(
            f"{where}.params", f"the task `{task}` refuses {params}: {error!r}"
        ) from error


def draw(dataset: Any, index: int, task: str, where: str = "data") -> dict[str, Any]:
    """Item `index` of a data set made by `create`, as reasoning-gym writes it.

    Raises DataError where the generator fails, which happens with unfit parameters.
    """
    try:
        entry: dict[str, Any] = dataset[index]
    except _GENERATOR_ERRORS as error:
        raise DataError.one(
            f"{where}.params",
            f"the task `{task}` failed at item {index}: {error!r}",
            "its parameters may not fit together",
        ) from error
    if not isinstance(entry.get("question"), str):
        raise DataError.one(f"{where}.task", f"`{task}` gave item {index} without a question")
    return entry


@lru_cache(maxsize=256)
def _config(task: str, where: str) -> type:
    """The configuration dataclass of a task."""
    from reasoning_gym.factory import DATASETS

    if task == "composite":
        raise DataError.one(f"{where}.task", "`composite` is no task", "use a mixture")
    if task not in DATASETS:
        raise DataError.one(
            f"{where}.task", f"reasoning-gym has no task `{task}`", suggest(task, DATASETS)
        )
    config: type = DATASETS[task][1]
    return config


def _typed(value: Any, field: dataclasses.Field[Any]) -> Any:
    """YAML knows lists only; a field whose default is a tuple gets one."""
    default = field.default
    if default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
