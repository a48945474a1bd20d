"""`stage=evaluate`: how well held-out problems are answered in each way, with intervals.

By a model that is loaded and asked, or by completions that somebody saved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

from reasoning_lab import data
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure import given
from reasoning_lab.measure.judge import judge, room_of_measurement
from reasoning_lab.measure.measured import Measured, held_out_values, prefixed, problems_of
from reasoning_lab.measure.settings_hash import of_given, of_model
from reasoning_lab.records.answer import write_problems
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, Parent, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluate import Evaluate
from reasoning_lab.statistics.interval import exactly
from reasoning_lab.track import Tracking, open_tracker
from reasoning_lab.training import screen


@dataclass(frozen=True)
class _Subject:
    """What is measured: how, what its run came from, what to say of it, and what decides scores."""

    measure: Callable[[], Measured]
    parents: Sequence[Parent]
    notes: Sequence[str]
    settings: dict[str, str]


def run(run: Run, folder: RunFolder) -> Manifest:
    """Measure the model of `run`, or saved completions, on the held-out problems of its data."""
    path = cast(Evaluate, run.stage).given()
    with Sandboxes() as sandboxes:
        subject = _model(run, folder, sandboxes) if path is None else _file(run, path, sandboxes)
        with open_tracker(run, folder, group=run.group) as tracking:
            measured = subject.measure()
            _keep(measured, folder, tracking)
            metrics = {**measured.estimates(), **prefixed("perf", measured.speeds())}
            if measured.took:
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
                parents=subject.parents,
                started=process_start(),
                notes=[*subject.notes, *tracking.notes()],
                sandboxes=sandboxes.used(),
                measured_with=subject.settings,
            )


def _model(run: Run, folder: RunFolder, sandboxes: Sandboxes) -> _Subject:
    """The model of the run, asked its held-out problems."""
    # It imports torch, which takes seconds that saved completions need not wait for.
    from reasoning_lab.training.measuring import prepared

    stage = cast(Evaluate, run.stage)
    asked = prepared(run, stage.evaluation, sandboxes)
    settings = of_model(stage.evaluation, asked.heldout, asked.template)
    return _Subject(lambda: asked.measure(sandboxes, folder), asked.parents, asked.notes, settings)


def _file(run: Run, path: Path, sandboxes: Sandboxes) -> _Subject:
    """The completions in a file, judged as those of a model are."""
    evaluation = cast(Evaluate, run.stage).evaluation
    heldout = data.to_measure(
        data.load(run.data, output=Path(run.output)).heldout, evaluation.problems
    )
    found = given.read(path, heldout)
    screen.say(found.notes)
    programs = any(one.tests for one in found.examples)
    screen.start(sandboxes, [room_of_measurement(evaluation)] * programs)

    def measure() -> Measured:
        begun = perf_counter()
        verdicts = {
            way: judge(rows, found.examples, sandboxes, evaluation)
            for way, rows in found.completions.items()
        }
        seconds = perf_counter() - begun
        return Measured(
            found.examples, found.completions, verdicts, {}, seconds, unsaid=found.unsaid
        ).judged()

    settings = of_given(evaluation, found.examples, list(found.completions))
    return _Subject(measure, [], found.notes, settings)


def _keep(measured: Measured, folder: RunFolder, tracking: Tracking) -> None:
    """Every answer to its file, every figure to the tracker."""
    values = held_out_values(measured)
    tracking.log(values, 0)
    tracking.summary(values)
    write_problems(folder.problems, problems_of(measured))
