"""`stage=evaluate` (`conf/stage/evaluate.yaml`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from reasoning_lab.errors import Problem
from reasoning_lab.schema.data import FILES
from reasoning_lab.schema.stages.verb import Group, Measuring
from reasoning_lab.schema.suggest import did_you_mean

COMPLETIONS = "stage.completions"
_FORM = "give a file of saved completions; its form: python -m reasoning_lab stage=evaluate --help"


class Evaluate(Measuring):
    """Measure a model, or completions that somebody saved; train nothing."""

    reads: ClassVar[frozenset[Group]] = frozenset(
        ("model", "data", "hardware", "engine", "tracker")
    )

    kind: Literal["evaluate"]
    completions: str | None

    def reading(self) -> frozenset[Group]:
        """Without model and engine where completions are given."""
        # A stage of which only the kind is known has no settings.
        return self.reads - {"model", "engine"} if self.__dict__.get("completions") else self.reads

    def given(self) -> Path | None:
        """The file with saved completions; None where a model is asked."""
        return None if self.completions is None else Path(self.completions).expanduser()

    def outside(self) -> Iterator[Problem]:
        """The file with completions is not there, or is of no kind that is read."""
        path = self.given()
        if path is None:
            return
        if not path.is_file():
            what = f"{path} {'is a folder, not a file' if path.is_dir() else 'does not exist'}"
            folder = path if path.is_dir() else path.parent
            near = sorted(other.name for other in folder.glob("*.jsonl*") if other.is_file())
            yield Problem(COMPLETIONS, what, did_you_mean(path.name, near) if near else _FORM)
        elif not path.name.removesuffix(".gz").endswith(FILES):
            what = f"{path.name} is of no kind that is read"
            yield Problem(COMPLETIONS, what, f"it reads {', '.join(FILES)}")
