"""What each verb tells of a run: its plan, its result, its figures in a sweep, and what is next."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.console import Console, RenderableType

from reasoning_lab.report.run import checks, facts, held_out, lines
from reasoning_lab.report.run.checks import Check, Metrics
from reasoning_lab.report.run.lines import Labelled, Lines
from reasoning_lab.report.run.suggestions import Step
from reasoning_lab.report.verbs import (
    audit,
    compare,
    evaluate,
    probe,
    reinforcing,
    reject,
    replay,
    samples,
    score,
    training,
)
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.schema.stages.compare import Compare
from reasoning_lab.schema.stages.probe import Probe
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.schema.stages.replay import Replay
from reasoning_lab.schema.stages.samples import Samples
from reasoning_lab.schema.stages.score import Score
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Measuring, Verb

Figures = Callable[[Manifest], dict[str, str]]
"""The figures of a job in a sweep's table, under their headings."""


@dataclass(frozen=True, slots=True)
class VerbReport:
    """What is a verb's own in the frames that all verbs share.

    `plan` gives the plan's lines in their order, `result` what stands above the `facts`, `checks`
    what may be wrong, the most serious first. Without `figures` the jobs of a sweep are compared
    by their held-out results.
    """

    plan: Sequence[Lines]
    result: Callable[[Run, RunFolder, Manifest, Console], Iterable[RenderableType]]
    facts: Callable[[RunFolder, Manifest], Iterator[Labelled]] = facts.of_files
    figures: Figures | None = None
    checks: Sequence[Check] = ()
    next_steps: Callable[[Run, Manifest], list[Step]] = lambda run, manifest: []


_MEASURED = VerbReport(
    evaluate.PLAN, held_out.result, facts.of_a_model, None, evaluate.CHECKS, evaluate.next_steps
)
REPORTS: dict[type[Verb], VerbReport] = {
    Verb: VerbReport((lines.results,), lambda run, folder, manifest, console: []),
    Measuring: _MEASURED,
    Training: replace(
        _MEASURED, plan=training.PLAN, checks=training.CHECKS, next_steps=training.next_steps
    ),
    Reinforcing: replace(
        _MEASURED,
        plan=reinforcing.PLAN,
        checks=reinforcing.CHECKS,
        next_steps=reinforcing.next_steps,
    ),
    Score: VerbReport(score.PLAN, score.parts, figures=score.sweep_figures),
    Audit: VerbReport(audit.PLAN, audit.parts, figures=audit.sweep_figures),
    Probe: VerbReport(
        probe.PLAN,
        probe.parts,
        facts.of_a_model,
        probe.sweep_figures,
        (checks.uncommitted,),
        probe.next_steps,
    ),
    Reject: VerbReport(
        reject.PLAN,
        reject.parts,
        facts.of_a_model,
        reject.sweep_figures,
        reject.CHECKS,
        reject.next_steps,
    ),
    Replay: VerbReport(replay.PLAN, replay.parts, figures=replay.sweep_figures),
    Compare: VerbReport(compare.PLAN, compare.parts, figures=compare.sweep_figures),
    Samples: VerbReport(samples.PLAN, samples.parts, figures=samples.sweep_figures),
}
"""By the class of a verb; one that is not here has the report of its nearest base."""


def report_of(verb: type[Verb]) -> VerbReport:
    """What a verb tells."""
    return next(REPORTS[base] for base in verb.__mro__ if base in REPORTS)


def warnings(run: Run, manifest: Manifest, metrics: Metrics) -> list[str]:
    """What may be wrong with a finished run, the most serious first; mostly empty."""
    found = [check(run, manifest, metrics) for check in report_of(type(run.stage)).checks]
    return [sentence for sentence in found if sentence]
