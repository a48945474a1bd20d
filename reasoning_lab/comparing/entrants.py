"""The runs that are compared: where each one's answers lie, and what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.comparing.formats import read_answers
from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answered import Answered
from reasoning_lab.records.comparison import Program
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Parent, read
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.schema.stages.compare import Compare, Moment


@dataclass(frozen=True, slots=True)
class Entrant:
    """One run, or file, with the problems that it holds answers to; `parent` is None of a file.

    The other fields are those of `ComparedRun`.
    """

    label: str
    name: str
    place: str
    program: Program
    side: Moment | None
    problems: Sequence[Answered]
    parent: Parent | None
    measured_by: str | None
    measured_with: Mapping[str, str]

    @property
    def ways(self) -> list[str]:
        """The ways in which any of its problems is answered, as they come."""
        return list(dict.fromkeys(way for problem in self.problems for way in problem.ways))


def entrants(settings: Compare, output: Path) -> list[Entrant]:
    """What `settings` names, read; names of runs are looked up under `output`.

    Raises ArtifactError for a run without answers, or a file that is none.
    """
    kinds = ("model", "adapter", "report")
    found = []
    for (label, value), side in zip(settings.named().items(), settings.sides(), strict=True):
        if value.startswith(PREFIX):
            parent = resolve(value, kinds, output, part="answers").parent
            found.append(_of_a_run(label, RunFolder(_path(value, parent)), side, parent))
        else:
            found.append(_of_a_file(label, Path(value).expanduser(), side))
    for one in found:
        if not one.problems:
            raise ArtifactError.one(f"stage.{one.label}", f"{one.place} holds no problem")
    return found


def _path(reference: str, parent: Parent | None) -> Path:
    if parent is None:
        raise ValueError(f"{reference} is resolved to a run")
    return Path(parent.path)


def _of_a_run(label: str, folder: RunFolder, side: Moment, parent: Parent | None) -> Entrant:
    program, problems = read_answers(folder.problems, side)
    manifest = read(folder)
    return Entrant(
        label=label,
        name=manifest.name,
        place=folder.id,
        program=program,
        side=side,
        problems=problems,
        parent=parent,
        measured_by=manifest.measured_by,
        measured_with=manifest.measured_with,
    )


def _of_a_file(label: str, path: Path, side: Moment) -> Entrant:
    program, problems = read_answers(path, side)
    return Entrant(
        label=label,
        name=path.name,
        place=str(path),
        program=program,
        side=side if program == "lab" else None,
        problems=problems,
        parent=None,
        measured_by=None,
        measured_with={},
    )
