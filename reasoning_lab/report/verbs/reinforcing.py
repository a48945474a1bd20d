"""What is told of every verb that reinforces: groups, their reward, and whether it taught."""

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
    by_worked_answers,
    made_here,
    only_accepted,
    swept_groups,
)
from reasoning_lab.report.text.words import counted, percent
from reasoning_lab.report.verbs import training
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reinforcing import Reinforcing

NO_SIGNAL = 0.7  # share of groups in which all completions got the same reward
UNJUDGED = 0.05  # share of completions that the verifier could not judge in time
NEVER_PAID = "not one of the late completions was paid anything, so nothing to learn"
RISEN = 0.1  # rise of the training reward over a run that is worth a word
FEW_STEPS = 8  # recorded steps below which the reward's rise is one or two batches' luck
REWARD = ("train/rewards/total/mean", "train/reward")


def groups(planned: Planned) -> Iterator[Labelled]:
    """How many steps of how many prompts and completions."""
    stage = cast(Reinforcing, planned.run.stage)
    batch = Batch.of(stage, planned.run.hardware.num_processes).step_rows
    prompts = counted(batch / stage.num_generations, "prompt")
    each = f"{prompts} x {counted(stage.num_generations, 'generation')}"
    longest = f"at most {counted(stage.max_completion_length, 'token')} each"
    rate = training.learning_rate(stage)
    steps = counted(stage.max_steps, "step")
    yield "stage", f"{stage.kind} · {steps} of {each}, {longest} · {rate}"


PLAN: tuple[Lines, ...] = (*training.BEGINNING, groups, lines.reward, *training.END)


def _late_mean(metrics: Metrics, *keys: str) -> float | None:
    """Mean over the last quarter of the rows that have the first of `keys` ever recorded."""
    for key in keys:
        values = [value for _, value in finite(metrics, key)]
        if values:
            return fmean(values[-max(1, len(values) // 4) :])
    return None


def reward_without_gain(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """A reward that rose where held-out answers cannot have got half as much better.

    That no difference can be told is not enough: a short run, or few problems, tell nothing.
    """
    early, late = _late_mean(metrics[::-1], *REWARD), _late_mean(metrics, *REWARD)
    gains = [row.gain for row in rows(manifest) if row.gain is not None and row.is_score]
    highest = [gain.high for gain in gains if gain.high is not None]
    if early is None or late is None or not gains or len(highest) < len(gains):
        return ""
    recorded = sum(any(key in row.values for key in REWARD) for row in metrics)
    if recorded < FEW_STEPS or late - early < RISEN or max(highest) > (late - early) / 2:
        return ""
    if any(gain.low is not None and gain.low > 0 for gain in gains):
        return ""
    return (
        f"the training reward rose from {early:.2f} to {late:.2f}, held-out pass@1 did not follow "
        f"(by {100 * max(0.0, *highest):.1f} points at most): the reward may pay for something "
        "else; read the samples and gate the other terms"
    )


def no_signal(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """Groups in which all completions were paid alike teach nothing."""
    share = _late_mean(metrics, "train/frac_reward_zero_std")
    if share is None or share < NO_SIGNAL or checks.learned(manifest):
        return ""
    reward = _late_mean(metrics, *REWARD) or 0.0
    learnt = any(row.verdict == "better" for row in rows(manifest) if row.is_score)
    said = f"{percent(share)} of the late groups had one reward for all and taught nothing"
    if reward > 0.5:
        return f"{said}; the problems have become too easy: choose harder ones or stop earlier"
    # What has got better was taught: then it needs no other beginning.
    if share < 1 or learnt:
        more = f"raise stage.num_generations above {cast(Reinforcing, run.stage).num_generations}"
        return f"{said}; {more} or choose easier ones"
    # More of the same would be paid the same.
    return (
        f"{said if reward else NEVER_PAID}; teach the task first, with stage=sft on the same data, "
        "or take a larger model or easier problems"
    )


def cut_off(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """In training, or else when measured."""
    share = _late_mean(metrics, "train/completions/clipped_ratio")
    if share is None or share < checks.CUT_OFF:
        return checks.measured_cut_off(run, manifest, metrics)
    limit = cast(Reinforcing, run.stage).max_completion_length
    said = f"{percent(share)} of the late completions were cut off at {counted(limit, 'token')}"
    return f"{said}; raise stage.max_completion_length"


def unjudged(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """Completions that the verifier could not judge in time."""
    shares = {n: _late_mean(metrics, f"train/verdict/{n}") or 0.0 for n in ("timeout", "bad_gold")}
    high = [f"{name} {percent(share)}" for name, share in shares.items() if share > UNJUDGED]
    return f"answers without a judgement: {', '.join(high)}; see samples.jsonl" if high else ""


CHECKS: tuple[Check, ...] = (
    checks.not_finite,
    training.worse,
    reward_without_gain,
    no_signal,
    cut_off,
    unjudged,
    checks.few_problems,
    checks.uncommitted,
)


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """A sweep of the same, a measurement, and fine-tuning instead."""
    kind = run.stage.kind
    measured = {**alike(run, "evaluate"), **made_here(run, manifest)}
    return only_accepted(
        ("a sweep with a table", command(kind, alike(run, kind), swept=swept_groups(run))),
        ("measure what came out", command("evaluate", measured)),
        by_worked_answers(run),
        held_against(run, manifest),
        REAL_MODEL,
    )
