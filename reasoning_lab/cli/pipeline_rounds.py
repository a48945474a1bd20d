"""What a pipeline says of its rounds, held against the runs that its steps are."""

from collections.abc import Iterator, Mapping

from reasoning_lab.errors import Problem
from reasoning_lab.schema.pipeline import Rounds
from reasoning_lab.schema.rules.places import EMBEDDED
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.schema.suggest import did_you_mean

TOP = "pipeline.rounds"
SHIPPED = "embedded:"


def rounds_problems(rounds: Rounds, runs: Mapping[str, Run]) -> Iterator[Problem]:
    """A step that makes no model, one that measures nothing or not in `way`, and a base that is not
    there or is not the model that `before` measures. `runs` are those of the steps that are right.
    """
    made = runs.get(rounds.model)
    if made is not None and made.stage.makes != "model":
        what = f"{rounds.model} is of stage={made.stage.kind}, which makes no model"
        yield Problem(f"{TOP}.model", what, "name a step that trains")
    for key, name in (("before", rounds.before), ("measured", rounds.measured)):
        if (run := runs.get(name)) is not None:
            yield from _measures(key, name, run, rounds.way)
    if rounds.base.startswith(SHIPPED):
        shipped = sorted(place.parent.name for place in EMBEDDED.glob("*/config.json"))
        name = rounds.base.removeprefix(SHIPPED)
        if name not in shipped:
            what = f"no embedded model is called {name!r}"
            yield Problem(f"{TOP}.base", what, did_you_mean(name, shipped))
    begun = runs.get(rounds.before)
    if begun is not None and begun.model is not None and begun.model.path != rounds.base:
        what = f"{rounds.before} measures {begun.model.path}, and the rounds begin at {rounds.base}"
        yield Problem(f"{TOP}.before", what, f"use {TOP}.base={begun.model.path}")


def _measures(key: str, name: str, run: Run, way: str) -> Iterator[Problem]:
    if not isinstance(run.stage, Measuring):
        what = f"{name} is of stage={run.stage.kind}, which measures no held-out problems"
        yield Problem(f"{TOP}.{key}", what, "name a step of stage=evaluate or of a training")
    elif way not in (ways := run.stage.evaluation.ways):
        what = f"{name} does not measure in the way {way!r}"
        yield Problem(f"{TOP}.way", what, f"{did_you_mean(way, ways)} More: {name}.way=[…]")
