"""`stage=evaluate`: greedy and sampled pass@1 of a model on held-out problems, with intervals."""

from pathlib import Path
from typing import cast

from reasoning_lab import data
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure.heldout import measure, problems_of
from reasoning_lab.model import load as model_load
from reasoning_lab.records.answer import WAYS, write_problems
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluate import Evaluate
from reasoning_lab.statistics.interval import exactly
from reasoning_lab.track import open_tracker
from reasoning_lab.training import screen
from reasoning_lab.training.context import fitting, require_turns
from reasoning_lab.training.session import held_out_values, load_rows, program_rooms


def run(run: Run, folder: RunFolder) -> Manifest:
    """Measure the model of `run` on the held-out problems of its data; train nothing."""
    evaluation = cast(Evaluate, run.stage).evaluation
    splits = load_rows(run)
    heldout = data.to_measure(splits.heldout, evaluation.problems)
    loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
    require_turns(loaded, heldout)
    limit, key = evaluation.max_completion_length, "stage.evaluation.max_completion_length"
    fits = fitting(loaded, heldout, limit, key, run.data.too_long)
    heldout = fits.kept
    screen.say(fits.notes)
    with Sandboxes() as sandboxes:
        screen.start(sandboxes, program_rooms(run, evaluation, heldout))
        live = screen.measuring(run, len(heldout) * (1 + evaluation.samples))
        with open_tracker(run, folder, group=run.group) as tracking, live:
            live.note(f"measuring {len(heldout):,} held-out problems, greedy and sampled")
            measured = measure(
                loaded, heldout, evaluation, sandboxes, ways=WAYS, on_batch=live.advance
            ).judged()
            metrics = measured.estimates()
            values = held_out_values(measured)
            tracking.log(values, 0)
            tracking.summary(values)
            write_problems(folder.problems, problems_of(measured))
            metrics["perf/tokens_per_second"] = exactly(measured.tokens() / measured.seconds)
            return collect(
                run,
                folder,
                kind="report",
                metrics=metrics,
                artifacts={
                    "problems": folder.problems.name,
                    "metrics": folder.metrics.name,
                    **tracking.paths(),
                },
                parents=loaded.parents,
                started=process_start(),
                notes=[*fits.notes, *tracking.notes()],
                sandboxes=sandboxes.used(),
            )
