"""What is told of `stage=evaluate`: nothing is trained, so what might be."""

from collections.abc import Iterator

from reasoning_lab.report.run import checks, lines
from reasoning_lab.report.run.checks import Check
from reasoning_lab.report.run.command import command
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.run.relatives import held_against
from reasoning_lab.report.run.suggestions import (
    REAL_MODEL,
    Step,
    alike,
    compared,
    fitting_reward,
    is_test_set,
    only_accepted,
    other_data,
    similar_data,
)
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run


def measuring(planned: Planned) -> Iterator[Labelled]:
    """That it only measures."""
    yield "stage", f"{planned.run.stage.kind} · nothing is trained"


PLAN: tuple[Lines, ...] = (
    lines.model,
    lines.device,
    lines.data,
    measuring,
    lines.measured,
    lines.tracker,
    lines.results,
    lines.time,
    lines.seed,
)
CHECKS: tuple[Check, ...] = (checks.not_finite, *checks.MEASURED)


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Training of the same model, and a comparison."""
    what, wanted = "train the same model", {**fitting_reward(run), **alike(run, "grpo")}
    if is_test_set(run.data.model_dump()):
        what += " on data that is no test set"
        wanted = other_data(wanted, similar_data(run))
    train = (what, command("grpo", wanted))
    return only_accepted(train, held_against(run, manifest), compared(run), REAL_MODEL)
