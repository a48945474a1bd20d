"""The last look before a run is started: what it refers to and needs is there, and is pinned.

Single runs, every job of a sweep and every step of a pipeline pass here after the door, before any
folder is made, so that a mistake is told at once and not by the worker. Nothing heavy is imported,
but a reward file under `experiments/` is, and may bring what it likes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.cli.measured import held_out
from reasoning_lab.cli.needs import FINDERS
from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.runs import source
from reasoning_lab.runs.artifacts import pin
from reasoning_lab.schema.reference import PREFIX, Reference, references, replaced
from reasoning_lab.schema.run import Run


@dataclass(frozen=True, slots=True)
class Ready:
    """A run that may be started, and how many problems its data hold out, where that is known."""

    run: Run
    held_out: int | None


def preflight(run: Run) -> Run:
    """The run to start: `run` with every `run:` reference pinned (see `runs/artifacts.py`).

    Raises ConfigError with everything that it refers to or needs and that is not there.
    """
    return look(run).run


def look(run: Run, later: Collection[str] = ()) -> Ready:
    """The same with what was counted on the way, for the plan.

    `later` are keys of references to runs that are not there yet: they stay as they are, and
    problems are not counted where data are what such a run makes.
    """
    problems: list[Problem] = []
    count: int | None = None
    pins: dict[str, str] = {}
    for one in references(run):
        if one.key in later:
            continue
        try:
            pins[one.key] = pinned(one, Path(run.output))
        except LabError as error:
            told = error.problems
            problems += [Problem(one.key, f"{each.where}: {each.what}", each.cure) for each in told]
    for finds in FINDERS:
        try:
            problems += list(finds(run))
        except LabError as error:
            problems += error.problems
    try:
        count = None if any(key.startswith("data.") for key in later) else held_out(run)
    except LabError as error:
        problems += error.problems
    if problems:
        raise ConfigError(*dict.fromkeys(problems))
    return Ready(replaced(run, pins), count)


def pinned(reference: Reference, output: Path) -> str:
    """The value of a reference that means one run only; names are looked up under `output`.

    Raises ArtifactError where there is no such run.
    """
    value, kinds, part = reference.value, reference.refers.kinds, reference.refers.part
    if part == "answers" and not value.startswith(PREFIX) and Path(value).expanduser().is_dir():
        value = f"{PREFIX}{Path(value).expanduser().resolve()}"
    if part != "rollouts":
        return pin(value, kinds, output, part=part)
    found = source.find(value, output)
    if not found.finished:  # it is still writing: there is nothing to pin yet
        return value
    by_folder = f"{PREFIX}{found.folder.path.resolve()}"
    return pin(value if value.startswith(PREFIX) else by_folder, kinds, output, part=part)
