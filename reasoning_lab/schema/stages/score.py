"""`stage=score` (`conf/stage/score.yaml`)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from reasoning_lab.errors import Problem
from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.stages.verb import Group, Verb
from reasoning_lab.schema.suggest import did_you_mean

OUT = "stage.out"
_LINES = (".jsonl", ".ndjson", ".json")


class Columns(Strict):
    """Names of the fields of a line to be scored."""

    completion: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    task: str = Field(min_length=1)
    tests: str = Field(min_length=1)
    prompt: str = Field(min_length=1)
    tokens: str = Field(min_length=1)


class Score(Verb):
    """Grade saved completions: one JSON object a line in, the same with its score out."""

    reads: ClassVar[frozenset[Group]] = frozenset(("reward",))

    kind: Literal["score"]
    path: str | None
    out: str | None = Field(description="null: beside the input, as NAME.scored.jsonl")
    columns: Columns
    prefix: str = Field(description="what the prompt opened of the model's turn, such as <think>")
    answer_marks: tuple[Literal["hashes", "phrase"], ...]
    strict: bool = Field(description="refuse a file with a broken line")

    def missing(self) -> Iterator[Problem]:
        """The file has to be named."""
        if self.path is None:
            yield Problem("stage.path", "names no file", "use stage.path=FILE.jsonl")

    def outside(self) -> Iterator[Problem]:
        """The file is not there, or the scored lines cannot be written."""
        path = Path(str(self.path)).expanduser()
        if not path.is_file():
            what = "is a folder, not a file" if path.is_dir() else "does not exist"
            folder = path if path.is_dir() else path.parent
            near = sorted(other.name for other in folder.glob("*.jsonl*") if other.is_file())
            yield Problem("stage.path", f"{path} {what}", did_you_mean(path.name, near))
            return
        out = self.writes() or path.with_name(scored_name(path))
        if out.exists() and out.samefile(path):
            yield Problem(OUT, "is the file that is read", f"use {OUT}=ANOTHER.jsonl")
        elif out.is_dir():
            yield Problem(OUT, f"{out} is a folder", f"use {OUT}={out / scored_name(path)}")
        elif not (parent := out.absolute().parent).is_dir():
            yield Problem(OUT, f"there is no folder {parent}", f"make it: mkdir -p {parent}")
        elif out.exists() and not out.is_file():
            yield Problem(OUT, f"{out} is not a plain file", f"use {OUT}=FILE.jsonl")
        elif not os.access(parent, os.W_OK | os.X_OK):
            yield Problem(OUT, f"cannot write to {parent}", f"use {OUT}=FILE.jsonl elsewhere")

    def writes(self) -> Path | None:
        """The file that was named for the scored lines."""
        return Path(self.out).expanduser() if self.out else None


def scored_name(path: Path) -> str:
    """The name of the scored lines of a file where none is given.

    >>> scored_name(Path("a.jsonl.gz"))
    'a.scored.jsonl.gz'
    """
    packed = ".gz" if path.suffix == ".gz" else ""
    plain = path.name.removesuffix(".gz")
    suffix = next((end for end in _LINES if plain.endswith(end) and plain != end), "")
    return f"{plain.removesuffix(suffix)}.scored.jsonl{packed}"
