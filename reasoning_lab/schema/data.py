"""What a data choice is (`conf/data/*.yaml`): procedural tasks, a mixture of them, or rows."""

from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.reference import PREFIX, Refers

FILES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""Endings of the files that rows are read from; of the text ones `.gz` too."""

RowTask = Literal["math", "code", "logic", "chat"]
"""What a row asks for (`Example.task`): it says which reward terms judge it."""

TooLong = Literal["drop", "refuse"]
"""What becomes of rows that do not fit into the model: left out and counted, or the run refused."""


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
    too_long: TooLong

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
    too_long: TooLong


class Rows(Strict):
    """Rows of a data set: a hub id, or a local file or folder (`path` wins).

    Without a `train_split` it is a test set: every row is held out, and none is trained on.
    Without a `name` it is called after its path or hub id.
    """

    kind: Literal["rows"]
    name: str
    hub: str | None
    config: str | None
    path: str | None
    train_split: str | None
    heldout_split: str
    reader: str = Field(description="module:function that turns a row into an Example")
    columns: dict[str, str] = Field(description="the reader's name of a column: the data's own")
    task: RowTask = Field(description="what its rows ask for: math, code, logic or chat")
    role: Literal["train", "test"] = Field(description="what the source is meant for")
    train_size: int | None = Field(ge=1)
    heldout_size: int | None = Field(ge=1)
    seed: int = Field(ge=0, lt=2**31)
    too_long: TooLong

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        """Called after its path, without the endings of a packed or plain file, or its hub id."""
        if not isinstance(data, dict) or data.get("name") is not None:
            return data
        source = PurePath(str(data.get("path") or data.get("hub") or "local"))
        name = source.name.removesuffix(".gz")
        ending = PurePath(name).suffix
        return {**data, "name": name.removesuffix(ending) if ending in FILES else name}

    @property
    def row_task(self) -> RowTask | None:
        """The task of every row; None where rows may name others: a reader of another package, or
        one's own rows.
        """
        known = self.reader.startswith("reasoning_lab.") and "task" not in self.columns
        return self.task if known else None


class FromRun(Strict):
    """What an earlier run kept to learn from (`stage=reject`).

    Held out is what the data hold out that its problems came from.
    """

    row_task: ClassVar[RowTask | None] = None  # rows may be of several tasks

    kind: Literal["from_run"]
    name: str
    path: Annotated[str, Refers(("dataset",)), Field(pattern=f"^{PREFIX}")]
    train_size: int | None = Field(ge=1)
    heldout_size: int | None = Field(ge=1)
    seed: int = Field(ge=0, lt=2**31)
    too_long: TooLong


def of_training_part(source: "Data", size: int) -> "Data":
    """The data with at most `size` training problems made on the fly, and one held out.

    The same problems come first, however many are made; rows are not made, and stay as they are.
    """
    if not isinstance(source, Procedural):
        return source
    fewer = {"train_size": min(source.train_size, size), "heldout_size": 1}
    return source.model_copy(update=fewer)


Data = Annotated[Procedural | Mixture | Rows | FromRun, Field(discriminator="kind")]
