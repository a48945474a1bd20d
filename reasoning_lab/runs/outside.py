"""The one file that a run leaves outside of its folder: `NAME.scored.jsonl`.

It appears whole or not at all: the lines go to a hidden file beside it, which takes its name at
the end. What stood there before stays until then.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from reasoning_lab.errors import ArtifactError, Problem
from reasoning_lab.records.atomic import taking_name
from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.stages.score import OUT, Score, scored_name


def scored_file(score: Score, folder: RunFolder) -> Path:
    """Where the scored lines of a run go.

    `stage.out` if it is set, else `NAME.scored.jsonl` (`.gz` stays) beside the input; in a sweep
    and in a repeat, in the run's own folder, since several runs would share the place.
    """
    path = Path(str(score.path)).expanduser()
    if folder.original is not None:
        return folder.path / (Path(score.out).name if score.out else scored_name(path))
    if (out := score.writes()) is not None:
        return out
    shared = (folder.path.parent / SWEEP).is_file()
    return (folder.path if shared else path.parent) / scored_name(path)


def clashes(files: Sequence[Path]) -> Iterator[Problem]:
    """Jobs of one sweep that would write the same of these files."""
    places = [file.resolve() for file in files]
    for place in sorted({place for place in places if places.count(place) > 1}):
        cure = "leave it out: each job then writes into its own folder; or name the job in it, "
        cure += f"{OUT}='FILE-${{reward.name}}.jsonl'"
        yield Problem(OUT, f"{places.count(place)} jobs would write {place}", cure)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the name `path` when the block ends well, and is removed when not.

    A link is followed. Raises ArtifactError if the folder takes no file, OSError for a full disk.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(taking_name(path.resolve()))
        except OSError as error:
            what = f"cannot be written: {error.strerror}"
            raise ArtifactError.one(str(path), what, f"use {OUT}=FILE.jsonl elsewhere") from error
        yield file
