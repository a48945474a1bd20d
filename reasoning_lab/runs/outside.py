"""The one file that a run leaves outside of its folder: `NAME.scored.jsonl`.

It appears whole or not at all: the lines go to a hidden file beside it, which takes its name at
the end. What stood there before stays until then.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from reasoning_lab.errors import ArtifactError, Problem
from reasoning_lab.records.atomic import sync_folder
from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.stages.tool import Score

KEY = "score.out"
_LINES = (".jsonl", ".ndjson", ".json")


def scored_file(score: Score, folder: RunFolder) -> Path:
    """Where the scored lines of a run go.

    `score.out` if it is set, else `NAME.scored.jsonl` (`.gz` stays) beside the input; in a sweep
    and in a repeat, in the run's own folder, since several runs would share the place.
    """
    if folder.original is not None:
        return folder.path / _name(Path(score.out or str(score.path)), given=bool(score.out))
    if score.out is not None:
        return Path(score.out).expanduser()
    path = Path(str(score.path)).expanduser()
    shared = (folder.path.parent / SWEEP).is_file()
    return (folder.path if shared else path.parent) / _name(path, given=False)


def problems(score: Score) -> Iterator[Problem]:
    """Why the scored lines cannot be written, told before any work."""
    if score.path is None:
        return
    path = Path(score.path).expanduser()
    out = Path(score.out).expanduser() if score.out else path.with_name(_name(path, given=False))
    if out.exists() and path.exists() and out.samefile(path):
        yield Problem(KEY, "is the file that is read", "use score.out=ANOTHER.jsonl")
    elif out.is_dir():
        yield Problem(KEY, f"{out} is a folder", f"use score.out={out / _name(path, given=False)}")
    elif not (parent := out.absolute().parent).is_dir():
        yield Problem(KEY, f"there is no folder {parent}", f"make it: mkdir -p {parent}")
    elif out.exists() and not out.is_file():
        yield Problem(KEY, f"{out} is not a plain file", "use score.out=FILE.jsonl")
    elif not os.access(parent, os.W_OK | os.X_OK):
        yield Problem(KEY, f"cannot write to {parent}", "use score.out=FILE.jsonl elsewhere")


def clashes(scores: list[Score]) -> Iterator[Problem]:
    """Jobs of one sweep that would write the same file."""
    places = [Path(s.out).expanduser().resolve() for s in scores if s.out is not None]
    for place in sorted({place for place in places if places.count(place) > 1}):
        cure = "leave it out: each job then writes into its own folder; or name the job in it, "
        cure += "score.out='FILE-${reward.name}.jsonl'"
        yield Problem(KEY, f"{places.count(place)} jobs would write {place}", cure)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the name `path` when the block ends well, and is removed when not.

    A link is followed. Raises ArtifactError if the folder takes no file, OSError for a full disk.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(6)}")
    try:
        # Made anew and with the modes of any new file, which tempfile would narrow to the owner's.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise ArtifactError.one(str(path), what, "use score.out=FILE.jsonl elsewhere") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _name(path: Path, *, given: bool) -> str:
    """`a.jsonl.gz` → `a.scored.jsonl.gz`; a name that was given stays."""
    if given:
        return path.name
    packed = ".gz" if path.suffix == ".gz" else ""
    plain = path.name.removesuffix(".gz")
    suffix = next((end for end in _LINES if plain.endswith(end) and plain != end), "")
    return f"{plain.removesuffix(suffix)}.scored.jsonl{packed}"
