"""The frame around a training stage: measure, train, measure again, save, account for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from reasoning_lab.data import Splits
from reasoning_lab.model.load import Loaded
from reasoning_lab.report.live import Live
from reasoning_lab.runs.atomic import write_text
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stage import Training
from reasoning_lab.stages.checkpoints import SAVE_ERRORS, out_of_space, save_failed
from reasoning_lab.stages.heldout import GREEDY, SAMPLED, Measured, gains, measure, prefixed
from reasoning_lab.stages.training import LabCallback, train
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import with_system
from reasoning_lab.track import Tracking, open_tracker

WAYS = (GREEDY, SAMPLED)


@dataclass
class Session:
    """What a training stage works with between the two measurements."""

    run: Run
    folder: RunFolder
    stage: Training
    loaded: Loaded
    train: Sequence[Example]
    tracking: Tracking
    callback: LabCallback


def prompted(splits: Splits, run: Run) -> Splits:
    """The same examples with the model's system prompt, where it has one."""
    system = run.model.system_prompt
    return Splits(
        [with_system(example, system) for example in splits.train],
        [with_system(example, system) for example in splits.heldout],
    )


def train_and_measure(
    run: Run,
    folder: RunFolder,
    stage: Training,
    loaded: Loaded,
    splits: Splits,
    build: Callable[[Session], Any],
) -> Manifest:
    """Measure, train the trainer that `build` makes, measure again; return the manifest.

    Resumes from the folder's last whole checkpoint. Raises `Stopped` when the run was told to
    stop; the checkpoint is then on disk.
    """
    started = perf_counter()
    heldout = splits.heldout[: stage.evaluation.problems]
    during = heldout[: stage.evaluation.problems_during]

    def probe() -> dict[str, float]:
        found = measure(loaded, during, stage.evaluation, ways=WAYS).estimates()
        return {name: value.value for name, value in prefixed("heldout", found).items()}

    with (
        open_tracker(run, folder) as tracking,
        Live(stage.max_steps, f"{stage.kind} {run.model.name}") as live,  # type: ignore[attr-defined]
    ):
        live.note(f"measuring the untrained model on {len(heldout)} held-out problems")
        before = measure(loaded, heldout, stage.evaluation, ways=WAYS)
        tracking.log(_values("heldout", before), 0)
        callback = LabCallback(tracking, live, stage.evaluation.every, probe)
        trainer = build(Session(run, folder, stage, loaded, splits.train, tracking, callback))
        loop = perf_counter()
        train(trainer, folder)
        loop = perf_counter() - loop
        live.note(f"measuring the trained model on {len(heldout)} held-out problems")
        after = measure(loaded, heldout, stage.evaluation, ways=WAYS)
        tracking.log(_values("heldout", after), stage.max_steps)
        save_model(trainer, loaded, folder)
        write_problems(folder.problems, after, before)
        metrics = {
            **prefixed("before", before.estimates()),
            **prefixed("after", after.estimates()),
            **prefixed("gain", gains(before, after)),
            "perf/loop_seconds": Estimate(value=loop, low=None, high=None, n=None),
            "perf/tokens_per_second": Estimate(
                value=callback.tokens / loop if loop else 0.0, low=None, high=None, n=None
            ),
        }
        kind: Literal["adapter", "model"] = "model" if run.peft.kind == "none" else "adapter"
        manifest = collect(
            run,
            folder,
            kind=kind,
            metrics=metrics,
            artifacts={
                "model": folder.model.name,
                "problems": folder.problems.name,
                "metrics": folder.metrics.name,
                **tracking.paths(),
            },
            parents=loaded.parents,
            started=started,
            notes=tracking.notes(),
        )
        tracking.summary({name: value.value for name, value in metrics.items()})
    return manifest


def save_model(trainer: Any, loaded: Loaded, folder: RunFolder) -> None:
    """Save weights and tokenizer beside the final place, then move them there in one step."""
    partial = folder.path / f"{folder.model.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        trainer.save_model(str(partial))
        loaded.tokenizer.save_pretrained(str(partial))
    except SAVE_ERRORS as error:
        reason = out_of_space(error)
        if reason is None:
            raise
        shutil.rmtree(partial, ignore_errors=True)
        raise save_failed(folder.checkpoints / folder.model.name, reason) from error
    if trainer.is_world_process_zero():
        shutil.rmtree(folder.model, ignore_errors=True)
        partial.replace(folder.model)


def write_problems(path: Path, after: Measured, before: Measured | None = None) -> None:
    """One JSON line a held-out problem: question, gold, and every completion, before and after."""
    lines = []
    earlier = before.rows() if before else [None] * len(after.examples)
    for example, new, old in zip(after.examples, after.rows(), earlier, strict=True):
        row: dict[str, Any] = {
            "id": example.id,
            "question": example.prompt[-1]["content"],
            "answer": example.answer,
            "after": new,
        }
        if old is not None:
            row["before"] = old
        lines.append(json.dumps(row, ensure_ascii=False))
    write_text(path, "\n".join(lines) + "\n")


def _values(prefix: str, measured: Measured) -> dict[str, float]:
    return {k: v.value for k, v in prefixed(prefix, measured.estimates()).items()}
