"""What the verbs share that read the completions which a run stored."""

from collections.abc import Iterator
from typing import Annotated

from reasoning_lab.errors import Problem
from reasoning_lab.schema.reference import Refers
from reasoning_lab.schema.stages.verb import Verb


class ReadsStored(Verb):
    """A verb about the completions of an earlier run: `run:NAME@latest`, or its folder."""

    path: Annotated[str | None, Refers(("model", "adapter"), part="rollouts")]

    def missing(self) -> Iterator[Problem]:
        """The run has to be named."""
        if self.path is None:
            cure = "use stage.path=run:NAME@latest, or a run's folder"
            yield Problem("stage.path", "names no run", cure)
