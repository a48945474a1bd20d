"""What is told of every verb that trains: where it goes on and stops, and what it made worse."""

from collections.abc import Iterator
from statistics import fmean
from typing import cast

from reasoning_lab.records.metrics import finite
from reasoning_lab.report.run import checks, lines
from reasoning_lab.report.run.checks import Check, Metrics
from reasoning_lab.report.run.command import command
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.run.relatives import held_against
from reasoning_lab.report.run.results import rows
from reasoning_lab.report.run.suggestions import (
    REAL_MODEL,
    Step,
    alike,
    fitting_reward,
    made_here,
    only_accepted,
)
from reasoning_lab.report.text.words import counted
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training

MOVING = 0.02  # rise of the thinking share from one quarter of the run to the next


def learning(planned: Planned) -> Iterator[Labelled]:
    """How many steps of how many rows."""
    stage = cast(Training, planned.run.stage)
    batch = Batch.of(stage, planned.run.hardware.num_processes).step_rows
    longest = getattr(stage, "max_length", None)
    most = "" if longest is None else f", at most {counted(longest, 'token')} each"
    rows = f"{counted(stage.max_steps, 'step')} of {counted(batch, 'row')}{most}"
    yield "stage", f"{stage.kind} · {rows} · {learning_rate(stage)}"


def learning_rate(stage: Training) -> str:
    """The step size and how it changes."""
    return f"learning rate {stage.learning_rate:g} ({stage.lr_scheduler_type})"


def continues(planned: Planned) -> Iterator[Labelled]:
    """Where an unfinished run goes on."""
    step = planned.folder.resume_step()
    if step >= 0:
        yield "continues", f"at step {step:,} of {cast(Training, planned.run.stage).max_steps:,}"


def stop(planned: Planned) -> Iterator[Labelled]:
    """What Ctrl-C does."""
    every = cast(Training, planned.run.stage).save_steps
    often = "step" if every == 1 else counted(every, "step")
    saves = f"finishes the step and saves a checkpoint (one is also kept every {often})"
    yield "stop", f"Ctrl-C: {saves}; the same command with resume=auto continues"


BEGINNING: tuple[Lines, ...] = (lines.model, lines.device, lines.data)
END: tuple[Lines, ...] = (
    lines.trained,
    lines.measured,
    lines.tracker,
    lines.results,
    continues,
    lines.time,
    lines.seed,
    stop,
)
PLAN: tuple[Lines, ...] = (*BEGINNING, learning, *END)


def worse(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """Worse at the end, or caught in the middle: a model that begins to think answers worse at
    first, since it has yet to learn to think right."""
    scores = [row for row in rows(manifest) if row.is_score]
    lost = [row.label for row in scores if row.verdict == "worse"]
    if not lost:
        return ""
    better = [row.label for row in scores if row.verdict == "better"]
    if better or _thinking_rises(manifest, metrics):
        also = f"{', '.join(better)} got better" if better else "thinking was still rising"
        return (
            f"{', '.join(lost)} got worse while {also}: the model is still moving; "
            f"raise stage.max_steps above {cast(Training, run.stage).max_steps:,}"
        )
    return f"training made it worse: {', '.join(lost)}; lower stage.learning_rate or stop earlier"


def _thinking_rises(manifest: Manifest, metrics: Metrics) -> bool:
    """Whether the last quarter of the run thinks more than the quarter before it.

    What is measured stands beside the warning: where no held-out answer thinks more, training's
    own samples do not count.
    """
    held_out = [row.verdict for row in rows(manifest) if row.metric.endswith("thinking")]
    if any(held_out) and "more" not in held_out:
        return False
    values = [value for _, value in finite(metrics, "train/rewards/share_thinking")]
    quarter = max(1, len(values) // 4)
    late, earlier = values[-quarter:], values[-2 * quarter : -quarter]
    return bool(earlier) and fmean(late) - fmean(earlier) > MOVING


CHECKS: tuple[Check, ...] = (checks.not_finite, worse, *checks.MEASURED)


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Reinforcement, of what came out or instead of it, and a measurement."""
    made, wanted = made_here(run, manifest), {**fitting_reward(run), **alike(run, "grpo")}
    what = "reinforce what came out"
    if checks.learned(manifest) and run.model.scratch is None:
        # Where nearly every answer is right, groups have one reward for all: nothing to reinforce.
        what = "the same beginning, taught by reinforcement instead"
    else:
        wanted |= made
    return only_accepted(
        (what, command("grpo", wanted)),
        ("measure what came out", command("evaluate", {**alike(run, "evaluate"), **made})),
        held_against(run, manifest),
        REAL_MODEL,
    )
