"""The frame around a training stage: measure, train, measure again, save, account for it."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from reasoning_lab.data import Splits, load, parents, to_measure
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure import stored
from reasoning_lab.measure.heldout import measure
from reasoning_lab.measure.judge import room_of_measurement
from reasoning_lab.measure.measured import (
    Measured,
    gains,
    held_out_values,
    prefixed,
    problems_of,
)
from reasoning_lab.measure.settings_hash import of_model
from reasoning_lab.model.adapters import record_base
from reasoning_lab.model.load import Loaded
from reasoning_lab.model.quiet import no_bars, no_rename_warnings, no_talk_of_folders
from reasoning_lab.records.answer import write_problems
from reasoning_lab.report.run.live import Live
from reasoning_lab.rewards import code
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import is_main, is_rank
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.schema.data import Data, Procedural
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.statistics.interval import Estimate, exactly
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import with_system
from reasoning_lab.track import Tracking, open_tracker
from reasoning_lab.training import screen
from reasoning_lab.training.callback import LabCallback, train
from reasoning_lab.training.checkpoints import whole_or_absent
from reasoning_lab.training.context import Fitting, fitting, fitting_ways, require_turns
from reasoning_lab.training.early_signal import EarlySignal


@dataclass
class Session:
    """What a training stage works with between the two measurements."""

    run: Run
    folder: RunFolder
    stage: Training
    loaded: Loaded
    train: Sequence[Example]
    sandboxes: Sandboxes
    tracking: Tracking
    callback: LabCallback
    notes: Sequence[str] = ()
    measured_with: Mapping[str, str] = field(default_factory=dict)


def load_rows(run: Run) -> Splits:
    """What `run` learns from and measures, with the model's system prompt, where it has one.

    Of problems that are made on the fly no more are made than it can use; they are the same, in
    the same order. Making many is shown. Raises DataError as `data.load` does.
    """
    wanted, system = needed(run), run.model.system_prompt
    size = (wanted.train_size or 0) + (wanted.heldout_size or 0)
    with screen.preparing(f"making {run.data.name}", size) as told:
        splits = load(wanted, told, output=Path(run.output))
    return Splits(
        [with_system(example, system) for example in splits.train],
        [with_system(example, system) for example in splits.heldout],
    )


def needed(run: Run) -> Data:
    """The data of `run` without problems that it never looks at: those held out but not measured,
    and where nothing is trained those to train on.

    Those to train on are drawn from all of them, so all have to be made.
    """
    if not isinstance(run.data, Procedural):
        return run.data
    stage, size = cast(Measuring, run.stage), run.data.heldout_size
    measured = min(size, stage.evaluation.measured(size) or size)
    train = run.data.train_size if isinstance(stage, Training) else 1
    return run.data.model_copy(update={"heldout_size": measured, "train_size": train})


def train_and_measure(
    run: Run,
    folder: RunFolder,
    stage: Training,
    loaded: Loaded,
    splits: Splits,
    sandboxes: Sandboxes,
    build: Callable[[Session], Any],
    notes: Sequence[str] = (),
) -> Manifest:
    """Measure, train the trainer that `build` makes, measure again; return the manifest.

    Programs are judged in `sandboxes`, which are closed at the end. `notes` go into the manifest,
    with what is left out here. Resumes from the folder's last whole checkpoint. Raises `Stopped`
    when it was told to stop; the checkpoint is then on disk.
    """
    measured, trained = fitted(run, stage, loaded, splits)
    heldout = measured.kept
    left_out = [*notes, *measured.notes, *trained.notes]
    screen.say(left_out)
    screen.start(sandboxes, program_rooms(run, stage.evaluation, heldout))
    start = max(0, folder.resume_step())
    live = screen.training(run, stage, start)
    with (
        sandboxes,
        open_tracker(run, folder, group=run.group) as tracking,
        live,
        no_bars(),
        no_rename_warnings(),
        no_talk_of_folders(),
    ):
        examiner = Examiner(loaded, heldout, stage.evaluation, sandboxes, tracking, live)
        before = examiner.before(folder)
        watch = EarlySignal(start if isinstance(stage, Reinforcing) else None)
        callback = LabCallback(tracking, live, stage.evaluation.every, examiner.probe, watch)
        settings = of_model(stage.evaluation, heldout, loaded.tokenizer.chat_template)
        session = Session(
            run, folder, stage, loaded, trained.kept, sandboxes, tracking, callback, left_out,
            settings,
        )  # fmt: skip
        trainer = build(session)
        seconds = train(trainer, folder)
        after = examiner.whole("after training", stage.max_steps)
        save_model(trainer, session)
        if is_main():
            write_problems(folder.problems, problems_of(after, before))
            folder.before.unlink(missing_ok=True)
        trainer.accelerator.wait_for_everyone()
        metrics = {
            **figures(before, after),
            "perf/loop_seconds": exactly(seconds),
        }
        if (rate := callback.pace.tokens_per_second()) is not None:
            metrics["perf/tokens_per_second"] = exactly(rate)
        tracking.summary({name: value.value for name, value in metrics.items()})
        return account(session, metrics)


def figures(before: Measured, after: Measured) -> dict[str, Estimate]:
    """What was measured before and after training, the paired differences, and the speed after."""
    return {
        **prefixed("before", before.estimates()),
        **prefixed("after", after.estimates()),
        **prefixed("gain", gains(before, after)),
        **prefixed("perf", after.speeds()),
    }


def fitted(run: Run, stage: Training, loaded: Loaded, splits: Splits) -> tuple[Fitting, Fitting]:
    """What is measured and what is trained on, without the rows that are too long.

    Raises DataError or ArtifactError where they are to be refused, or none would be left.
    """
    heldout, too_long = to_measure(splits.heldout, stage.evaluation.problems), run.data.too_long
    require_turns(loaded, splits.train)
    measured = fitting_ways(loaded, heldout, stage.evaluation, too_long)
    if not isinstance(stage, Reinforcing):  # rows of worked responses were looked at already
        return measured, Fitting(splits.train, [])
    limit, key = stage.max_completion_length, "stage.max_completion_length"
    return measured, fitting(loaded, splits.train, limit, key, too_long, "training")


def program_rooms(run: Run, evaluation: Evaluation, heldout: Sequence[Example]) -> list[Room]:
    """Where programs will run, paid or only measured."""
    paid = code.rooms(run.reward) if "reward" in run.stage.reads else []
    return [*paid, *[room_of_measurement(evaluation)] * any(one.tests for one in heldout)]


@dataclass
class Examiner:
    """Measures the model on held-out problems and tells the tracker and the screen."""

    loaded: Loaded
    heldout: Sequence[Example]
    evaluation: Evaluation
    sandboxes: Sandboxes
    tracking: Tracking
    live: Live

    def whole(self, when: str, step: int) -> Measured:
        """All held-out problems, in each way."""
        self.live.note(f"measuring {when}: {len(self.heldout)} held-out problems")
        measured = self._measured(self.heldout).judged()
        self._tell(measured, step)
        return measured

    def before(self, folder: RunFolder) -> Measured:
        """The measurement before training, or what an earlier life of this run kept of it.

        Ranks measure together or not at all. Only where there is a checkpoint did all of them find
        the same: it was written by all, after what is kept.
        """
        may_read = not is_rank() or folder.resume_step() >= 0
        found = stored.kept(folder.before, self.heldout, self.evaluation) if may_read else None
        if found is not None:
            self.live.note("measured before training: kept from before the stop")
            self._tell(found, 0)
            return found
        measured = self.whole("before training", 0)
        if is_main():
            stored.keep(folder.before, measured)
        return measured

    def _tell(self, measured: Measured, step: int) -> None:
        values = held_out_values(measured)
        self.tracking.log(values, step)
        self.live.note(screen.held_out_line(step, values))

    def probe(self) -> dict[str, float]:
        """The first `problems_during` of them, for a look while training."""
        few = self.heldout[: self.evaluation.problems_during]
        return held_out_values(self._measured(few))

    def _measured(self, heldout: Sequence[Example]) -> Measured:
        engine = TransformersEngine(self.loaded, slots=self.evaluation.batch_size)
        return measure(engine, heldout, self.evaluation, self.sandboxes)


def account(session: Session, metrics: dict[str, Estimate]) -> Manifest:
    """The manifest of a finished training."""
    run, folder, tracking = session.run, session.folder, session.tracking
    return collect(
        run,
        folder,
        kind="model" if run.peft.kind == "none" else "adapter",
        metrics=metrics,
        artifacts={
            "model": folder.model.name,
            "problems": folder.problems.name,
            "metrics": folder.metrics.name,
            **tracking.paths(),
        },
        parents=[*session.loaded.parents, *parents(run.data, Path(run.output))],
        started=process_start(),
        notes=[*session.notes, *tracking.notes()],
        sandboxes=session.sandboxes.used(),
        measured_with=session.measured_with,
    )


def save_model(trainer: Any, session: Session) -> None:
    """Save weights and tokenizer beside the final place, then move them there in one step."""
    folder, loaded = session.folder, session.loaded
    partial = folder.path / f"{folder.model.name}.partial"
    if trainer.is_world_process_zero():
        shutil.rmtree(partial, ignore_errors=True)
    # A slower rank clearing the folder would take away what a faster one is writing.
    trainer.accelerator.wait_for_everyone()
    with whole_or_absent(partial, folder.checkpoints / folder.model.name):
        trainer.save_model(str(partial))
        if trainer.is_world_process_zero():
            loaded.tokenizer.save_pretrained(str(partial))
            quantized = session.run.peft.kind == "qlora"
            record_base(partial, session.run.model, loaded.parents, quantized=quantized)
    if trainer.is_world_process_zero():
        shutil.rmtree(folder.model, ignore_errors=True)
        partial.replace(folder.model)
