"""The steps of a pipeline on their way from overrides to runs: composed, checked, pinned.

Each passes the same door as any run, before the first one starts; what only an earlier step's run
can show is looked at when that run is there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reasoning_lab.cli.compose import attempt, written_out
from reasoning_lab.cli.needs import besides
from reasoning_lab.cli.pipeline_rounds import rounds_problems
from reasoning_lab.cli.preflight import look, pinned, preflight
from reasoning_lab.cli.settings import set_by_debug
from reasoning_lab.cli.words import STAGE
from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.pipelines.walk import Pinned, Step, numbered, steps_of
from reasoning_lab.schema.door import check
from reasoning_lab.schema.pipeline import (
    MODELS_OF_ROUNDS,
    Lines,
    Pipeline,
    pipeline_problems,
    step_of,
)
from reasoning_lab.schema.reference import Reference, references
from reasoning_lab.schema.run import Run


def latest_of_each(lines: Sequence[str]) -> Lines:
    """The last override of each key, as a command line has it.

    >>> latest_of_each(["data=chain_sum", "seed=1", "data=from_run"])
    ('seed=1', 'data=from_run')
    """
    last = {_key(line): number for number, line in enumerate(lines)}
    return tuple(line for number, line in enumerate(lines) if last[_key(line)] == number)


def folded(pipeline: Pipeline, given: Sequence[str]) -> Pipeline:
    """The pipeline with everything that a command says of its steps written into them.

    `STEP.KEY=VALUE` is of one step, any other override of all. Tiny sizes (`debug=NAME`) win over
    what the pipeline says itself, and give it a name of its own.
    """
    every = pipeline.every_step()
    of_one: dict[str, list[str]] = {name: [] for name in every}
    of_all: list[str] = []
    for line in given:
        sign = line[: len(line) - len(line.lstrip("+~"))]
        head, dot, rest = line.removeprefix(sign).partition(".")
        if dot and head in every:
            of_one[head].append(f"{sign}{rest}")
        else:
            of_all.append(line)
    debug = next((one for one in of_all if one.startswith("debug=") and one != "debug=null"), None)
    steps = {
        name: latest_of_each(
            [*_without_sizes([*pipeline.shared, *lines], debug), *of_all, *of_one[name]]
        )
        for name, lines in every.items()
    }
    rounds = pipeline.rounds
    if rounds is not None:
        rounds = rounds.model_copy(update={"steps": {one: steps[one] for one in rounds.steps}})
    before = {one: steps[one] for one in pipeline.steps}
    name = pipeline.name if debug is None else f"{debug.partition('=')[2]}_{pipeline.name}"
    changes = {"name": name, "shared": (), "steps": before, "rounds": rounds}
    return pipeline.model_copy(update=changes)


def _without_sizes(lines: Sequence[str], debug: str | None) -> list[str]:
    """The lines but for those of settings that a debug preset sets for this verb."""
    if debug is None:
        return list(lines)
    stage = [line for line in lines if line.startswith(f"{STAGE}=")][-1:]
    verb = "".join(stage).partition("=")[2]
    sizes = set_by_debug(debug.partition("=")[2], verb)
    whole = written_out([*stage, *lines])[len(stage) :]
    return [line for line, long in zip(lines, whole, strict=True) if _key(long) not in sizes]


def whole_lines(pipeline: Pipeline, step: Step) -> Lines:
    """The overrides of a step's run with what the pipeline sets: its name, its seed, resume."""
    ending = "" if step.round is None else f"_{step.round}"
    name = f"name={pipeline.name}_{step.name}{ending}"
    return latest_of_each([name, *step.lines, f"seed={step.seed}", "resume=auto"])


def pin_step(pipeline: Pipeline, step: Step) -> Pinned:
    """The run of a step whose references are to runs that are there, pinned.

    Raises ConfigError with all of its problems.
    """
    lines = whole_lines(pipeline, step)
    composed, problems = attempt(lines)
    try:
        run = check(composed)
        ready = preflight(run)
    except LabError as error:
        problems += error.problems
    if problems:
        raise ConfigError(*(_in_step(step, one) for one in problems))
    names = {one.value: other.value for one, other in _pairs(run, ready)}
    return Pinned(ready, tuple(_renamed(line, names) for line in lines))


def check_steps(pipeline: Pipeline, known: Iterable[Problem] = ()) -> list[Run]:
    """The run of each step, those of a round as in the first one; references to steps stay as said.

    Raises ConfigError with the problems of the pipeline and of all steps, behind those `known`.
    """
    found: dict[str, Run] = {}
    wrong: dict[Problem, list[Step]] = {}
    made: dict[str, str] = dict.fromkeys(MODELS_OF_ROUNDS, "model")
    for step in steps_of(pipeline):
        run, problems = _checked(pipeline, step)
        if run is not None:
            found[step.name] = run
            problems += _wrong_kinds(run, made)
            made[step.name] = run.stage.makes
        for problem in dict.fromkeys(problems):
            wrong.setdefault(problem, []).append(step)
    told = [*known, *pipeline_problems(pipeline), *_by_step(wrong, len(pipeline.every_step()))]
    if pipeline.rounds is not None:
        told += rounds_problems(pipeline.rounds, found)
    if told := [*told, *_apart(found.values())]:
        raise ConfigError(*dict.fromkeys(told))
    return list(found.values())


def _by_step(wrong: Mapping[Problem, Sequence[Step]], number: int) -> Iterator[Problem]:
    """The problems with the names of their steps; once without, where all of several have it."""
    for problem, steps in wrong.items():
        if len(steps) == number > 1:
            yield problem
        else:
            yield from (_in_step(step, problem) for step in steps)


def _checked(pipeline: Pipeline, step: Step) -> tuple[Run | None, list[Problem]]:
    composed, problems = attempt([numbered(one, step) for one in whole_lines(pipeline, step)])
    run = None
    try:
        run = check(composed) if composed else None
        if run is not None:
            later = {one.key for one in references(run) if _is_of_a_step(one)}
            look(run, later)
    except LabError as error:
        problems = [*problems, *error.problems]
    if problems and run is None and composed:
        problems += besides(composed, problems)
    return run, problems


def _is_of_a_step(one: Reference) -> bool:
    return step_of(f"{one.key}={one.value}") is not None


def _wrong_kinds(run: Run, made: dict[str, str]) -> Iterator[Problem]:
    """References to steps whose runs make something else than is needed there."""
    for one in references(run):
        to = step_of(f"{one.key}={one.value}")
        kind = made.get(to) if to is not None else None
        if kind is not None and kind not in one.refers.kinds:
            wanted = " or ".join(one.refers.kinds)
            what = f"{to} makes a {kind}, but {wanted} is needed here"
            yield Problem(one.key, what, f"name a step that makes a {wanted}")


def _apart(runs: Collection[Run]) -> Iterator[Problem]:
    """Steps that would be kept in different places."""
    places = sorted({run.output for run in runs})
    if len(places) > 1:
        what = f"the steps have several: {', '.join(places)}"
        yield Problem("output", what, "say output=FOLDER once, for all steps")


def _in_step(step: Step, problem: Problem) -> Problem:
    return Problem(f"{step.name}.{problem.where}", problem.what, problem.cure)


def _pairs(run: Run, ready: Run) -> Iterator[tuple[Reference, Reference]]:
    return zip(references(run), references(ready), strict=True)


def _renamed(line: str, names: dict[str, str]) -> str:
    key, given, value = line.partition("=")
    return f"{key}={names[value]}" if given and value in names else line


def _key(line: str) -> str:
    return line.lstrip("+~").partition("=")[0]


def outside_pins(runs: Sequence[Run]) -> dict[str, str]:
    """The references to runs from outside, as they are asked for and pinned.

    Raises ArtifactError where there is no such run.
    """
    found: dict[str, str] = {}
    for run in runs:
        for one in references(run):
            if not _is_of_a_step(one):
                found[one.value] = pinned(one, Path(run.output))
    return {asked: named for asked, named in found.items() if asked != named}


def pinned_pipeline(pipeline: Pipeline, names: dict[str, str]) -> Pipeline:
    """The same pipeline with these references replaced."""

    def of_all(steps: Mapping[str, Lines]) -> dict[str, Lines]:
        return {name: tuple(_renamed(one, names) for one in lines) for name, lines in steps.items()}

    rounds = pipeline.rounds
    if rounds is not None:
        base = names.get(rounds.base, rounds.base)
        rounds = rounds.model_copy(update={"base": base, "steps": of_all(rounds.steps)})
    return pipeline.model_copy(update={"steps": of_all(pipeline.steps), "rounds": rounds})
