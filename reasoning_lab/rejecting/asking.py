"""What writes in rejection sampling, and the problems that it can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.model import load as model_load
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.opened import engine_here, engine_there
from reasoning_lab.schema.engine import EngineHere, EngineServer
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import with_system
from reasoning_lab.training.context import fitting, require_turns


@dataclass(frozen=True, slots=True)
class ToAsk:
    """What writes, the problems that it is asked (with the prompts to keep), what is to be said of
    those left out, and the runs that the model came from.
    """

    engine: Engine
    problems: Sequence[Example]
    notes: Sequence[str]
    parents: Sequence[Parent]

    def prompts(self, run: Run) -> list[Example]:
        """The problems as the model is asked: with its system prompt, where it has one."""
        return [with_system(one, run.model.system_prompt) for one in self.problems]


def to_ask(run: Run, stage: Reject, examples: Sequence[Example]) -> ToAsk:
    """The model of `run`, loaded here, with the problems that fit; what a server takes it says
    itself.

    Raises ArtifactError or DataError where the model or the rows cannot be used.
    """
    if isinstance(run.engine, EngineServer):
        return ToAsk(engine_there(run.engine), examples, [], [])
    assert isinstance(run.engine, EngineHere)  # the door refuses others
    loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
    prompted = [with_system(one, run.model.system_prompt) for one in examples]
    require_turns(loaded, prompted)
    limit, key = stage.max_completion_length, "stage.max_completion_length"
    fits = fitting(loaded, prompted, limit, key, run.data.too_long, "training")
    kept = {one.id for one in fits.kept}
    engine = engine_here(run.engine, loaded, stage.batch_size)
    return ToAsk(engine, [one for one in examples if one.id in kept], fits.notes, loaded.parents)
