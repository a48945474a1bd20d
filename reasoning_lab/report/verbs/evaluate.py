"""What is told of `stage=evaluate`: nothing is trained, so what might be."""

from collections.abc import Iterator
from typing import cast

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
from reasoning_lab.schema.stages.evaluate import Evaluate


def measuring(planned: Planned) -> Iterator[Labelled]:
    """That it only measures."""
    yield "stage", f"{planned.run.stage.kind} · nothing is trained"


def saved(planned: Planned) -> Iterator[Labelled]:
    """Whose completions are judged, where no model is asked."""
    if not _asks(planned.run):
        yield "measured", f"the completions in {cast(Evaluate, planned.run.stage).completions}"


def asking(told: Lines) -> Lines:
    """The lines, told of runs in which a model is asked alone."""

    def of_a_model(planned: Planned) -> Iterator[Labelled]:
        if _asks(planned.run):
            yield from told(planned)

    return of_a_model


def _asks(run: Run) -> bool:
    return "model" in run.stage.reading()


PLAN: tuple[Lines, ...] = (
    asking(lines.model),
    asking(lines.device),
    lines.data,
    measuring,
    asking(lines.measured),
    saved,
    lines.tracker,
    lines.results,
    asking(lines.time),
    lines.seed,
)
CHECKS: tuple[Check, ...] = (checks.not_finite, *checks.MEASURED)


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Training of the same model, and a comparison; of saved completions nothing follows."""
    if not _asks(run):
        return []
    what, wanted = "train the same model", {**fitting_reward(run), **alike(run, "grpo")}
    if is_test_set(run.data.model_dump()):
        what += " on data that is no test set"
        wanted = other_data(wanted, similar_data(run))
    train = (what, command("grpo", wanted))
    return only_accepted(train, held_against(run, manifest), compared(run), REAL_MODEL)
