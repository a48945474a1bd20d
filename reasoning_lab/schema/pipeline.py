"""What a pipeline is (`conf/pipeline/*.yaml`): ordinary runs in their order, and rounds of them.

A step is a list of overrides as one types them. `KEY=run:STEP`, without an `@`, means the run of
that step; with an `@` it is a run from outside, as in any command.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, ValidationError

from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.schema import messages
from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.schema.vocabulary import groups

GROUP_OF_PIPELINES = "pipeline"
MODELS_OF_ROUNDS = {
    "base": "the model of round 0",
    "best": "the model of the best round so far; the base before the first one",
    "previous": "the model of the round before; the base in the first one",
    "from": "what rounds.from says: base or best",
}
"""Words that name a model in a step of a round: `model.path=run:best`."""
MOST_ROUNDS = 99
_TO_STEP = re.compile(r"[^=\s]+=run:([A-Za-z0-9_-]+)")
_STEP = re.compile(r"[a-z][a-z0-9_]{0,29}")
_OWN = {"name": "pipeline.name=NAME", "seed": "pipeline.seeds=[0]", "resume": "", "group": ""}

Lines = tuple[str, ...]


class Rounds(Strict):
    """Steps that are repeated until a round is no gain over the best one before it.

    `base` is the model of round 0 and `before` the step that measured it. `model` and `measured`
    are the steps of a round whose run made its model, and measured it on the same problems.
    """

    base: str = Field(min_length=1)
    before: str
    from_: Literal["base", "best"] = Field(alias="from")
    most: int = Field(ge=1, le=MOST_ROUNDS)
    way: str = Field(min_length=1)
    model: str
    measured: str
    log: dict[str, str]
    steps: dict[str, Lines] = Field(min_length=1)


class Pipeline(Strict):
    """Steps in their order, then rounds, if any; all of it once for each seed."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    seeds: tuple[int, ...] = Field(min_length=1)
    plan: bool
    shared: Lines
    steps: dict[str, Lines] = Field(min_length=1)
    rounds: Rounds | None

    def every_step(self) -> dict[str, Lines]:
        """All steps by name, those of a round after the others."""
        return {**self.steps, **(self.rounds.steps if self.rounds else {})}


def pipeline_of(plain: Mapping[str, Any]) -> Pipeline:
    """The pipeline that `plain` describes. Raises ConfigError for wrong types, ranges and keys."""
    try:
        return Pipeline.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        raise ConfigError(*map(_in_the_group, messages.problems(error))) from None


def step_of(line: str) -> str | None:
    """The step, or the word, whose run an override names; None where it names none.

    >>> step_of("data.path=run:sample"), step_of("model.path=run:taught@latest")
    ('sample', None)
    """
    found = _TO_STEP.fullmatch(line)
    return found[1] if found else None


def _in_the_group(problem: Problem) -> Problem:
    where = problem.where.replace("rounds.from_", "rounds.from")
    return Problem(f"{GROUP_OF_PIPELINES}.{where}", problem.what, problem.cure)


def pipeline_problems(found: Pipeline) -> Iterator[Problem]:
    """What is wrong with steps and the references between them, before they are composed."""
    top = f"{GROUP_OF_PIPELINES}.steps"
    for seed in found.seeds:
        if not 0 <= seed < 10**6 or found.seeds.count(seed) > 1:
            what = f"needs different numbers from 0 to 999999, got {seed}"
            yield Problem(f"{GROUP_OF_PIPELINES}.seeds", what, "use pipeline.seeds=[0,1,2]")
            break
    yield from own_settings(f"{GROUP_OF_PIPELINES}.shared", found.shared)
    earlier: list[str] = []
    for name, lines in found.steps.items():
        yield from _step(f"{top}.{name}", name, lines, earlier, found.every_step(), ())
        earlier.append(name)
    if found.rounds is None:
        return
    rounds, top = found.rounds, f"{GROUP_OF_PIPELINES}.rounds.steps"
    for name, lines in rounds.steps.items():
        if name in found.steps:
            yield Problem(f"{top}.{name}", "is the name of a step before the rounds, too")
        yield from _step(
            f"{top}.{name}", name, lines, earlier, found.every_step(), MODELS_OF_ROUNDS
        )
        earlier.append(name)
    yield from _rounds(rounds, found.steps)


def _rounds(rounds: Rounds, before: Mapping[str, Lines]) -> Iterator[Problem]:
    """What the rounds say of their steps names a step."""
    top = f"{GROUP_OF_PIPELINES}.rounds"
    said = {"before": (rounds.before, before)}
    said |= {key: (getattr(rounds, key), rounds.steps) for key in ("model", "measured")}
    if (base := step_of(f"base={rounds.base}")) is not None:
        said["base"] = (base, before)
    for key, (name, known) in said.items():
        if name not in known:
            what = f"there is no step called {name!r} {_PLACES[key in ('before', 'base')]}"
            yield Problem(f"{top}.{key}", what, did_you_mean(name, known))
    for column, value in rounds.log.items():
        step, _, metric = value.partition(":")
        if step not in rounds.steps or not metric:
            cure = f"write STEP:METRIC, with one of {', '.join(rounds.steps)}"
            yield Problem(f"{top}.log.{column}", f"{value!r} names no metric of a step", cure)


_PLACES = {True: "before the rounds", False: "in a round"}


def _step(
    where: str,
    name: str,
    lines: Lines,
    earlier: Sequence[str],
    every: Mapping[str, Lines],
    words: Mapping[str, str] | tuple[()],
) -> Iterator[Problem]:
    """What is wrong with a step's name and its references."""
    if not _STEP.fullmatch(name):
        yield Problem(where, "is no name of a step", "use small letters, digits and _")
    if name in (*MODELS_OF_ROUNDS, *groups(), *_OWN, "output"):
        yield Problem(where, f"{name!r} means something else here", "call the step otherwise")
    if not lines:
        yield Problem(where, "has no overrides", "say at least stage=NAME")
    yield from own_settings(where, lines, named=False)
    for line in lines:
        to = step_of(line)
        if to is None or to in words or to in earlier:
            continue
        if to in every:
            what = "itself" if to == name else f"{to}, which comes later"
            yield Problem(where, f"{line} names {what}", "name a step before it")
        elif to in MODELS_OF_ROUNDS:
            yield Problem(where, f"{line}: only a step of a round has {to}", "name a step")
        else:
            cure = did_you_mean(to, [*earlier, *words])
            cure += f"; a run from outside is {PREFIX}{to}@latest"
            yield Problem(where, f"{line} names no step of this pipeline", cure.lstrip("; "))


def own_settings(where: str, lines: Sequence[str], *, named: bool = True) -> Iterator[Problem]:
    """What lines say that a pipeline says of each step itself; not `named`: a step may have a name.

    `where` is the key of the lines; without one it is the setting's.
    """
    for line in lines:
        key = line.lstrip("+~").partition("=")[0]
        if key in _OWN and (named or key != "name") and line != "resume=auto":
            cure = f"use {_OWN[key]}" if _OWN[key] else "leave it out"
            what = f"{line}: a pipeline sets {key} for each step itself"
            yield Problem(where or key, what, cure)
