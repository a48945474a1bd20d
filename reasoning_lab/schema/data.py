"""What a data choice is (`conf/data/*.yaml`): procedural tasks, a mixture of them, or rows."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict

RowTask = Literal["math", "code", "logic", "chat"]
"""What a row asks for (`Example.task`): it says which reward terms judge it."""


class Procedural(Strict):
    """Problems made on the fly by one task of reasoning-gym or of the lab."""

    kind: Literal["procedural"]
    name: str
    task: str = Field(description="a task of reasoning-gym or of the lab")
    example_task: RowTask = Field(description="what its rows ask for: math, code, logic or chat")
    params: dict[str, Any] = Field(description="fields of that task's own config")
    train_size: int = Field(ge=1, le=10_000_000)
    heldout_size: int = Field(ge=1, le=1_000_000)
    seed: int = Field(ge=0, lt=2**31)

    @property
    def row_task(self) -> RowTask | None:
        """The task of every row."""
        return self.example_task


class Part(Strict):
    """One ingredient of a mixture for supervised fine-tuning."""

    task: str
    params: dict[str, Any]
    share: float = Field(gt=0, description="relative weight among the parts")
    mode: Literal["think", "direct"] = Field(description="write the steps, or only the answer")
    marker: Literal["/think", "/no_think"] | None = Field(description="system turn, or none")


class Mixture(Strict):
    """Several procedural tasks in fixed shares; each row is a prompt and a response."""

    row_task: ClassVar[RowTask | None] = None  # no reward judges its rows

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
    task: RowTask = Field(description="what its rows ask for: math, code, logic or chat")
    role: Literal["train", "test"] = Field(description="what the source is meant for")
    train_size: int | None = Field(ge=1)
    heldout_size: int | None = Field(ge=1)
    seed: int = Field(ge=0, lt=2**31)

    @property
    def row_task(self) -> RowTask | None:
        """The task of every row; None where a reader of another package may name others."""
        return self.task if self.reader.startswith("reasoning_lab.") else None


Data = Annotated[Procedural | Mixture | Rows, Field(discriminator="kind")]
