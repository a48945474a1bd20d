"""What each verb tells of a run: its plan, its result, its figures in a sweep, and what is next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType

from reasoning_lab.report.run import facts, held_out
from reasoning_lab.report.run.checks import Check
from reasoning_lab.report.run.lines import Labelled, Lines
from reasoning_lab.report.run.suggestions import Step
from reasoning_lab.report.verbs import (
    audit,
    evaluate,
    reinforcing,
    replay,
    samples,
    score,
    training,
)
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.tool import Audit, Replay, Samples, Score
from reasoning_lab.schema.stages.training import Evaluate, Training
from reasoning_lab.schema.stages.training import Grpo as Reinforcing

Figures = Callable[[Manifest], dict[str, str]]
"""The figures of a job in a sweep's table, under their headings."""


def _no_steps(run: Run, manifest: Manifest) -> list[Step]:
    return []


@dataclass(frozen=True, slots=True)
class VerbReport:
    """What is a verb's own in the frames that all verbs share.

    `plan` gives the plan's lines in their order, `result` what stands above the `facts`, `checks`
    what may be wrong, the most serious first. Without `figures` the jobs of a sweep are compared
    by their held-out results.
    """

    plan: Sequence[Lines]
    result: Callable[[Run, RunFolder, Manifest, Console], Sequence[RenderableType]]
    facts: Callable[[RunFolder, Manifest], Iterator[Labelled]] = facts.of_files
    figures: Figures | None = None
    checks: Sequence[Check] = ()
    next_steps: Callable[[Run, Manifest], list[Step]] = _no_steps


def _measuring(
    plan: Sequence[Lines],
    checks: Sequence[Check],
    next_steps: Callable[[Run, Manifest], list[Step]],
) -> VerbReport:
    return VerbReport(plan, held_out.result, facts.of_a_model, checks=checks, next_steps=next_steps)


REPORTS: dict[type, VerbReport] = {
    Training: _measuring(training.PLAN, training.CHECKS, training.next_steps),
    Reinforcing: _measuring(reinforcing.PLAN, reinforcing.CHECKS, reinforcing.next_steps),
    Evaluate: _measuring(evaluate.PLAN, evaluate.CHECKS, evaluate.next_steps),
    Score: VerbReport(score.PLAN, score.parts, figures=score.sweep_figures),
    Audit: VerbReport(audit.PLAN, audit.parts, figures=audit.sweep_figures),
    Replay: VerbReport(replay.PLAN, replay.parts, figures=replay.sweep_figures),
    Samples: VerbReport(samples.PLAN, samples.parts, figures=samples.sweep_figures),
}


def report_of(run: Run) -> VerbReport:
    """What the verb of `run` tells: by its own entry, else by that of the nearest base."""
    # The class of a tool is that of its section.
    verb = type(getattr(run, run.stage.kind, run.stage))
    return next(REPORTS[base] for base in verb.__mro__ if base in REPORTS)
