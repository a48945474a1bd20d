"""A model that is only measured: loaded, its problems looked at, and asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab import data
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure.heldout import measure
from reasoning_lab.measure.measured import Measured
from reasoning_lab.model import load as model_load
from reasoning_lab.model.load import Loaded
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Example
from reasoning_lab.training import screen
from reasoning_lab.training.context import fitting_ways
from reasoning_lab.training.session import load_rows, program_rooms


@dataclass(frozen=True)
class Asked:
    """A loaded model and the held-out problems that it will be asked."""

    run: Run
    loaded: Loaded
    heldout: Sequence[Example]
    evaluation: Evaluation
    notes: Sequence[str]

    @property
    def parents(self) -> Sequence[Parent]:
        """The runs that the model came from."""
        return self.loaded.parents

    def measure(self, sandboxes: Sandboxes) -> Measured:
        """Ask and judge, with the progress on the screen; SandboxError where nothing was judged."""
        live = screen.measuring(self.run, self.evaluation.completions(len(self.heldout)))
        with live:
            ways = ", ".join(self.evaluation.ways)
            live.note(f"measuring {len(self.heldout):,} held-out problems: {ways}")
            return measure(
                self.loaded, self.heldout, self.evaluation, sandboxes, on_batch=live.advance
            ).judged()


def prepared(run: Run, evaluation: Evaluation, sandboxes: Sandboxes) -> Asked:
    """The model of `run`, loaded, with the held-out problems that fit into it; starts `sandboxes`.

    Raises DataError or ArtifactError where the rows or the model cannot be used.
    """
    heldout = data.to_measure(load_rows(run).heldout, evaluation.problems)
    loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
    fits = fitting_ways(loaded, heldout, evaluation, run.data.too_long)
    screen.say(fits.notes)
    screen.start(sandboxes, program_rooms(run, evaluation, fits.kept))
    return Asked(run, loaded, fits.kept, evaluation, fits.notes)
