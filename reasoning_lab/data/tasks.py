"""The tasks of reasoning-gym: looked up by name, their parameters checked, their items drawn.

`import reasoning_gym` takes about two seconds (it brings sympy and matplotlib), so it happens
inside these functions and never when a configuration is merely composed or checked.
"""

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from reasoning_lab.errors import DataError, Problem
from reasoning_lab.schema.suggest import did_you_mean

Field = dataclasses.Field[Any]

# What a generator or a scorer raises on parameters that it cannot serve.
GENERATOR_ERRORS = (
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
    """A 31-bit seed from names.

    Item i of a task is drawn from `seed + i`, so neighbouring seeds would give the same items
    moved by one; hashing keeps the streams of two seeds apart.
    """
    text = "\x1f".join(map(str, names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % 2**31


@dataclass(frozen=True, slots=True)
class Source:
    """One task with its parameters, ready to draw from. `where` is its configuration key."""

    task: str
    dataset: Any
    where: str

    def draw(self, index: int) -> dict[str, Any]:
        """Item `index` as reasoning-gym writes it: question, answer, metadata.

        Raises DataError where the generator fails, which happens with unfit parameters.
        """
        try:
            entry: dict[str, Any] = self.dataset[index]
        except GENERATOR_ERRORS as error:
            raise DataError.one(
                f"{self.where}.params",
                f"the task `{self.task}` failed at item {index}: {error!r}",
                "its parameters may not fit together",
            ) from error
        if not isinstance(entry.get("question"), str):
            what = f"`{self.task}` gave item {index} without a question"
            raise DataError.one(f"{self.where}.task", what)
        return entry


def create(task: str, params: dict[str, Any], seed: int, where: str = "data") -> Source:
    """Open a reasoning-gym task; item i depends on `seed + i` alone.

    Raises DataError, with every problem at once, for an unknown task or parameter and for values
    that the task refuses.
    """
    fields = {field.name: field for field in dataclasses.fields(_config(task, where))}
    problems = [_refuse(task, name, fields, where) for name in params if _unfit(name, fields)]
    if problems:
        raise DataError(*problems)
    import reasoning_gym

    typed = {name: _typed(value, fields[name]) for name, value in params.items()}
    try:
        dataset = reasoning_gym.create_dataset(task, **typed, seed=seed)
    except GENERATOR_ERRORS as error:
        what = f"the task `{task}` refuses {params}: {error!r}"
        raise DataError.one(f"{where}.params", what) from error
    return Source(task, dataset, where)


def _unfit(name: str, fields: dict[str, Field]) -> bool:
    return name in _OWNED or name not in fields


def _refuse(task: str, name: str, fields: dict[str, Field], where: str) -> Problem:
    if name in _OWNED:
        return Problem(f"{where}.params.{name}", "is set by the lab", _OWNED[name])
    cure = did_you_mean(name, fields.keys() - _OWNED.keys())
    return Problem(f"{where}.params.{name}", f"the task `{task}` has no such parameter", cure)


@lru_cache(maxsize=256)
def _config(task: str, where: str) -> type:
    """The configuration dataclass of a task."""
    from reasoning_gym.factory import DATASETS

    if task == "composite":
        raise DataError.one(f"{where}.task", "`composite` is no task", "use a mixture")
    if task not in DATASETS:
        raise DataError.one(
            f"{where}.task", f"reasoning-gym has no task `{task}`", did_you_mean(task, DATASETS)
        )
    config: type = DATASETS[task][1]
    return config


def _typed(value: Any, field: Field) -> Any:
    """YAML knows lists only; a field whose default is a tuple gets one."""
    default = field.default
    if default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
