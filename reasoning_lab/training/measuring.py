"""A model that is only measured: its problems looked at, and asked; loaded here, or on a server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab import data
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure.heldout import measure
from reasoning_lab.measure.measured import Measured
from reasoning_lab.model import load as model_load
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.opened import engine_here, engine_there
from reasoning_lab.schema.engine import EngineHere, EngineServer
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Example
from reasoning_lab.training import screen
from reasoning_lab.training.context import fitting_ways
from reasoning_lab.training.session import load_rows, program_rooms


@dataclass(frozen=True)
class Asked:
    """What writes, and the held-out problems that it will be asked.

    `template` is the model's chat template; None where a server keeps it to itself. `parents` are
    the runs that the model came from.
    """

    run: Run
    engine: Engine
    heldout: Sequence[Example]
    evaluation: Evaluation
    notes: Sequence[str]
    template: str | None
    parents: Sequence[Parent]

    def measure(self, sandboxes: Sandboxes, folder: RunFolder) -> Measured:
        """Ask and judge, with the progress on the screen; SandboxError where nothing was judged.

        Completions are stored in `folder` as they come, so that a run that goes on asks only for
        the others.
        """
        live = screen.measuring(self.run, self.evaluation.completions(len(self.heldout)))
        with live:
            ways = ", ".join(self.evaluation.ways)
            live.note(f"measuring {len(self.heldout):,} held-out problems: {ways}")
            return measure(
                self.engine,
                self.heldout,
                self.evaluation,
                sandboxes,
                folder=folder.sampled,
                on_done=live.advance,
            ).judged()


def prepared(run: Run, evaluation: Evaluation, sandboxes: Sandboxes) -> Asked:
    """What `run` measures, ready to be asked, with the held-out problems that fit; starts
    `sandboxes`. What a server can take it says itself.

    Raises DataError or ArtifactError where the rows or the model cannot be used.
    """
    heldout = data.to_measure(load_rows(run).heldout, evaluation.problems)
    if isinstance(run.engine, EngineServer):
        screen.start(sandboxes, program_rooms(run, evaluation, heldout))
        return Asked(run, engine_there(run.engine), heldout, evaluation, [], None, [])
    assert isinstance(run.engine, EngineHere)  # the door refuses others
    loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
    fits = fitting_ways(loaded, heldout, evaluation, run.data.too_long)
    screen.say(fits.notes)
    screen.start(sandboxes, program_rooms(run, evaluation, fits.kept))
    engine = engine_here(run.engine, loaded, evaluation.batch_size)
    template = loaded.tokenizer.chat_template
    return Asked(run, engine, fits.kept, evaluation, fits.notes, template, loaded.parents)
