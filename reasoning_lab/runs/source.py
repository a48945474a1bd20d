"""The run whose stored completions are read again: `run:NAME@latest`, or its folder.

A name finds finished runs only. A folder may be of a run that was stopped, or is still going on:
what it has stored by now is read.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.rollout import has_rollouts
from reasoning_lab.runs.artifacts import resolve, split_content
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import plain_hash
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.verb import Verb

KINDS = ("model", "adapter")


@dataclass(frozen=True, slots=True)
class Source:
    """A run that stored completions; `config` is its `run.json` as it was written."""

    folder: RunFolder
    parent: Parent
    config: dict[str, Any]
    finished: bool

    @property
    def stage(self) -> dict[str, Any]:
        """The settings of the stage that stored them."""
        return dict(self.config["stage"])

    def notes(self) -> list[str]:
        """What a reader of its completions must know about the run."""
        if self.finished:
            return []
        return [f"{self.parent.id} did not finish (yet): read is what it stored so far"]


def find(path: str | None, output: Path) -> Source:
    """The run that `path` names; names are looked up under `output`.

    Raises ArtifactError: no such run, a name none of whose runs finished, or nothing stored.
    """
    if not path:
        raise ArtifactError.one("null", "names no run", "use run:NAME@latest, or a run's folder")
    folder = _folder(path, output)
    config = _config(folder)
    if not has_rollouts(folder.samples):
        kind = config["stage"].get("kind")
        verb = VERBS.get(kind, Verb)
        why = "it trained without a reward" if verb.makes == "model" else f"its stage is {kind}"
        why = "it took no step" if issubclass(verb, Reinforcing) else why
        cure = "name a run that reinforced, such as one of stage=grpo"
        raise ArtifactError.one(path, f"has no stored completions: {why}", cure)
    parent = Parent(id=folder.id, config_hash=plain_hash(config), path=str(folder.path.resolve()))
    return Source(folder, parent, config, folder.finished)


def _folder(path: str, output: Path) -> RunFolder:
    plain, content = split_content(path)
    name = plain.removeprefix(PREFIX)
    place = Path(name).expanduser()
    if content or (path.startswith(PREFIX) and "/" not in name.partition("@")[0]):
        return RunFolder(resolve(path, KINDS, output, part="rollouts").path)
    folder = RunFolder(place)
    if folder.run_json.is_file():
        return folder
    if not place.is_dir():
        raise ArtifactError.one(path, "does not exist", "name run:NAME@latest or a run's folder")
    jobs = sorted(str(inner.parent) for inner in place.glob("*/run.json"))
    jobs = jobs or sorted(str(inner.parent) for inner in place.glob("*/*/run.json"))
    cure = f"did you mean {jobs[-1]}?" if jobs else "name <output>/<name>/<time>-<hash>/<job>"
    raise ArtifactError.one(path, "is not a run folder: it has no run.json", cure)


def _config(folder: RunFolder) -> dict[str, Any]:
    try:
        config = json.loads(folder.run_json.read_bytes())
    except ValueError as error:
        raise ArtifactError.one(str(folder.run_json), f"is not JSON: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("stage"), dict):
        raise ArtifactError.one(str(folder.run_json), "is not a run")
    return config
