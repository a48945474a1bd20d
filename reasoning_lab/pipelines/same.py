"""Has this very run been made already? Decided on what decides its outcome, and on nothing else.

Two runs are the same where their configurations are equal in all that `config_hash` looks at, and
where each run that they refer to left the same bytes: a parent counts by the hash of what it made,
not by when it ran. So a step whose parent was made again, and came out alike, is not made again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.artifacts import split_content
from reasoning_lab.runs.content import content_hash
from reasoning_lab.runs.create import runs_of
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.hashing import plain_hash
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.runs.resume import furthest, unfinished
from reasoning_lab.schema.run import Run

State = Literal["finished", "unfinished", "new"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What there is of a run: `folder` is the finished one, or the one to go on with.

    `key` is the hash that was compared.
    """

    state: State
    key: str
    folder: RunFolder | None


def decide(run: Run) -> Decision:
    """What there is already of a run whose references are pinned.

    Raises ArtifactError where a finished run of that name cannot be read.
    """
    key = outcome_key(run.model_dump(mode="json"))
    made = [one for one in run_folders(runs_of(run.output, run.name)) if one.finished]
    alike = [one for one in made if _is_whole(one, key)]
    if alike:
        return Decision("finished", key, max(alike, key=lambda one: read(one).finished))
    begun = furthest(unfinished(run))
    return Decision("new" if begun is None else "unfinished", key, begun)


def outcome_key(plain: Mapping[str, Any]) -> str:
    """12 hex digits over all that decides a run's outcome; pinned parents by their content.

    >>> one = outcome_key({"path": "run:a@2026-01-01_10-00-00-0a1b2c3d/0@sha256:0123456789abcdef"})
    >>> one == outcome_key({"path": "run:a@2026-02-02_10-00-00-0a1b2c3d/0@sha256:0123456789abcdef"})
    True
    """
    return plain_hash(_by_content(plain))


def _by_content(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _by_content(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_by_content(each) for each in value]
    content = split_content(value)[1] if isinstance(value, str) else None
    return value if content is None else f"sha256:{content}"


def _is_whole(folder: RunFolder, key: str) -> bool:
    """Whether the run has this key, and what it made is still there, byte for byte."""
    config = _config(folder)
    if outcome_key(config) != key:
        return False
    manifest = read(folder)
    if manifest.config_hash != plain_hash(config):  # run.json was changed afterwards
        return False
    return _is_unchanged(folder, manifest)


def _is_unchanged(folder: RunFolder, manifest: Manifest) -> bool:
    if manifest.content is None:  # a report, which nothing is made of
        return True
    weights = manifest.kind in ("model", "adapter")
    made = folder.path / manifest.artifacts["model" if weights else manifest.kind]
    return made.exists() and content_hash(made) == manifest.content


def _config(folder: RunFolder) -> dict[str, Any]:
    try:
        found = json.loads(folder.run_json.read_bytes())
    except ValueError as error:
        raise ArtifactError.one(str(folder.run_json), f"is not JSON: {error}") from error
    return found if isinstance(found, dict) else {}
