"""What every verb is: its settings, and class-level facts that others ask instead of its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from reasoning_lab.errors import Problem
from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.stages.evaluation import Evaluation

Group = Literal["model", "data", "reward", "peft", "hardware", "engine", "tracker"]


class Verb(Strict):
    """One thing a run can do; the base of all classes in `VERBS`.

    Its fields are the settings under `stage:`. Its traits:

    - `reads`: the groups of the configuration that decide what it does; `run.json` and the
      configuration's hash hold these and no others (where settings narrow them: `reading()`).
    - `makes`: the kind of artifact that it leaves (`model` stands for `adapter` too).
    - `rows`: what it wants of its data: problems with a judge, or worked responses.
    - `trl_config`: the class of TRL (dotted, where it lies deeper) that `stage.trl` passes fields
      to; None: there is no such key.
    - `device`: whether a model computes, so that device, processes and precision matter.
    - `alone`: whether one process does all of it, even where a model computes.
    - `interactive`: whether it talks with a person, so that its worker reads what is typed.
    """

    reads: ClassVar[frozenset[Group]] = frozenset()
    makes: ClassVar[Literal["model", "dataset", "report"]] = "report"
    rows: ClassVar[Literal["problems", "responses"]] = "problems"
    trl_config: ClassVar[str | None] = None
    device: ClassVar[bool] = False
    alone: ClassVar[bool] = False
    interactive: ClassVar[bool] = False

    kind: str

    def reading(self) -> frozenset[Group]:
        """The groups that decide what it does with these settings: of `reads`, at most all."""
        return self.reads

    def missing(self) -> Iterator[Problem]:
        """What has to be named and is not."""
        yield from ()

    def outside(self) -> Iterator[Problem]:
        """What it reads outside of all runs and is not there, or what it cannot write there."""
        yield from ()

    def writes(self) -> Path | None:
        """The file that it writes outside of its run's folder, if the command names one."""
        return None


class Measuring(Verb):
    """A verb that measures a model on held-out problems."""

    device: ClassVar[bool] = True

    evaluation: Evaluation
