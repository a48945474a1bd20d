"""Where a model comes from: what `model.path` means.

`embedded:NAME` is shipped in the package, `run:NAME@latest` an earlier run's artifact, anything
that looks like or is a path a local folder, and the rest a hub id.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import embedded, hub
from reasoning_lab.model.adapters import QUANTIZED_BASE
from reasoning_lab.runs import artifacts
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.rules.places import TOKENIZER_FILES, is_local


@dataclass(frozen=True, slots=True)
class Source:
    """A located model: a folder or hub id, whether to keep off the network, the run it came
    from, and the reference of the base model when the folder holds an adapter; `base_quantized`
    where that was held in 4 bits while the adapter learned."""

    name: str
    local_only: bool
    revision: str = "main"
    parent: Parent | None = None
    base: str | None = None
    base_revision: str | None = None
    base_quantized: bool = False


def locate(
    reference: str, revision: str | None, *, output: Path, where: str = "model.path"
) -> Source:
    """Find what `reference` names; `where` is the key to blame when it is not there.

    Raises `ArtifactError` when there is no such model, run or folder, or it is incomplete.
    """
    if reference.startswith("embedded:"):
        return Source(str(embedded.path(reference.removeprefix("embedded:"))), local_only=True)
    if reference.startswith("run:"):
        found = artifacts.resolve(reference, ("model", "adapter"), output)
        artifacts.require_content(found, reference)
        return _folder(found.path, where, found.parent)
    path = Path(reference).expanduser()
    if path.is_dir():
        return _folder(path, where, None)
    if is_local(reference):
        raise ArtifactError.one(where, f"there is no folder {path}", "check the path")
    return Source(reference, hub.local_only(reference, revision, where=where), revision or "main")


def _folder(path: Path, where: str, parent: Parent | None) -> Source:
    """A local folder, checked to hold a model or an adapter, and a tokenizer."""
    if not any((path / name).is_file() for name in TOKENIZER_FILES):
        raise ArtifactError.one(
            where,
            f"{path} has no tokenizer (none of {', '.join(TOKENIZER_FILES)})",
            "save it there with tokenizer.save_pretrained",
        )
    if (path / "adapter_config.json").is_file():
        config = json.loads((path / "adapter_config.json").read_text(encoding="utf-8"))
        base = config.get("base_model_name_or_path")
        if not base:
            raise ArtifactError.one(where, f"the adapter in {path} does not name its base model")
        rounded = (path / QUANTIZED_BASE).is_file()
        return Source(str(path), True, "main", parent, base, config.get("revision"), rounded)
    if not (path / "config.json").is_file():
        raise ArtifactError.one(
            where, f"{path} holds no model: there is no config.json", "point at the model's folder"
        )
    return Source(str(path), True, parent=parent)
