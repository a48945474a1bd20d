"""What a data choice is (`conf/data/*.yaml`): procedural tasks, a mixture of them, or rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict


class Procedural(Strict):
    """Problems made on the fly by one task of reasoning-gym or of the lab."""

    kind: Literal["procedural"]
    name: str
    task: str = Field(description="a reasoning-gym task name, or tiny_code")
    params: dict[str, Any] = Field(description="fields of that task's own config")
    train_size: int = Field(ge=1, le=10_000_000)
    heldout_size: int = Field(ge=1, le=1_000_000)
    seed: int = Field(ge=0, lt=2**31)


class Part(Strict):
    """One ingredient of a mixture for supervised fine-tuning."""

    task: str
    params: dict[str, Any]
    share: float = Field(gt=0, description="relative weight among the parts")
    mode: Literal["think", "direct"] = Field(description="write the steps, or only the answer")
    marker: Literal["/think", "/no_think"] | None = Field(description="system turn, or none")


class Mixture(Strict):
    """Several procedural tasks in fixed shares; each row is a prompt and a response."""

    kind: Literal["mixture"]
    name: str
    parts: dict[str, Part] = Field(min_length=1)
    train_size: int = Field(ge=1, le=10_000_000)
    heldout_size: int = Field(ge=1, le=1_000_000)
    seed: int = Field(ge=0, lt=2**31)


class Rows(Strict):
    """Rows of a data set: a hub id, or a local file or folder of jsonl (`path` wins).

    Without a `train_split` it is a test set: every row is held out, and none is trained on.
    """

    kind: Literal["rows"]
    name: str
    hub: str | None
    config: str | None
    path: str | None
    train_split: str | None
    heldout_split: str
    reader: str = Field(description="module:function that turns a row into an Example")
    train_size: int | None = Field(ge=1)
    heldout_size: int | None = Field(ge=1)
    seed: int = Field(ge=0, lt=2**31)


Data = Annotated[Procedural | Mixture | Rows, Field(discriminator="kind")]
