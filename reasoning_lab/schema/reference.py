"""Fields that name an earlier run (`run:NAME@latest`): which they are, and how one is replaced.

A field says so in its type: `path: Annotated[str, Refers(("model", "adapter"))]`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

PREFIX = "run:"
M = TypeVar("M", bound=BaseModel)
Part = Literal["weights", "rollouts", "answers"]
"""What of a run is read: its model or adapter; the completions that it was trained on; the held-out
problems with the answers given to them."""


@dataclass(frozen=True)
class Refers:
    """The field may name a run that made one of `kinds`; `part` of it is read.

    Rollouts may be read before the run has finished.
    """

    kinds: tuple[str, ...]
    part: Part = field(default="weights", kw_only=True)


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that may name a run: its key (`model.path`), its value, and what it refers to."""

    key: str
    value: str
    refers: Refers


def references(model: BaseModel, prefix: str = "") -> Iterator[Reference]:
    """The fields of `model`, and of those inside it, that may name a run and are set."""
    for name, info in type(model).model_fields.items():
        key, value = f"{prefix}{name}", getattr(model, name)
        if isinstance(value, BaseModel):
            yield from references(value, f"{key}.")
        elif isinstance(value, str):
            marks = (mark for mark in info.metadata if isinstance(mark, Refers))
            yield from (Reference(key, value, mark) for mark in marks)


def replaced(model: M, values: Mapping[str, str]) -> M:
    """The same model with other values at these keys."""
    update: dict[str, Any] = {}
    inner: dict[str, dict[str, str]] = {}
    for key, value in values.items():
        name, _, rest = key.partition(".")
        if rest:
            inner.setdefault(name, {})[rest] = value
        else:
            update[name] = value
    update |= {name: replaced(getattr(model, name), below) for name, below in inner.items()}
    return model.model_copy(update=update)
