"""The manifest: what came out of a run, and from what. Written last, or not at all."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_json
from reasoning_lab.runs.content import content_hash
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash, hash_of
from reasoning_lab.runs.provenance import Git, git_state, machine, peak_memory_mb, seeds, versions
from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.statistics.sandbox_use import SandboxUse

Kind = Literal["model", "adapter", "dataset", "report"]


class Parent(Strict):
    """An earlier run whose artifact this one was made from; `content` is the artifact's hash."""

    id: str
    config_hash: str
    path: str
    content: str | None = None


class Manifest(Strict):
    """A finished run.

    `id` is `<time>-<hash8>/<job>`; `artifacts` maps a name to a path within the folder (the
    weights under "model"). `seconds` is wall time of the last process (a resumed run has spent
    more), `peak_memory_mb` its resident memory in MiB with its largest child's, `finished` local
    time in ISO 8601 with offset. `sandboxes`: those in which programs were judged. `content` is the
    hash of the artifact that `kind` names; None for a report. `passed`: what a run that examines
    something found (`stage=audit`); None for all others. The command ends with status 1 where it
    is false. `measured_with` holds, of a run that measures, the hash of each part of what can
    change a score but the model (`measure/settings_hash.py`), and `measured_by` that of all of
    them: results with different ones are not comparable as they stand.
    """

    id: str
    kind: Kind
    name: str
    stage: str
    parents: list[Parent]
    config_hash: str
    git: Git | None
    versions: dict[str, str]
    seeds: dict[str, int]
    hardware: dict[str, str | int | float]
    metrics: dict[str, Estimate]
    seconds: float
    peak_memory_mb: float
    finished: str
    artifacts: dict[str, str]
    notes: list[str]
    sandboxes: tuple[SandboxUse, ...] = ()
    content: str | None = None
    passed: bool | None = None
    measured_by: str | None = None
    measured_with: dict[str, str] = Field(default_factory=dict)

    def write(self, folder: RunFolder) -> None:
        """Write `manifest.json`, in one step: from now on the run counts as finished."""
        write_json(folder.manifest, self.model_dump(mode="json"))


def read(folder: RunFolder) -> Manifest:
    """The manifest of a run. Raises ArtifactError if it did not finish, or the file is not one."""
    if not folder.finished:
        what = "has no manifest.json: the run did not finish"
        cure = f"continue it: python -m reasoning_lab.worker {folder.path}"
        raise ArtifactError.one(str(folder.path), what, cure)
    try:
        return Manifest.model_validate_json(folder.manifest.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        what = f"is not a manifest: {where}: {first['msg']}"
        cure = "it was changed by hand, or by another version of the lab"
        raise ArtifactError.one(str(folder.manifest), what, cure) from error


def collect(
    run: Run,
    folder: RunFolder,
    *,
    kind: Kind,
    metrics: Mapping[str, Estimate],
    artifacts: Mapping[str, str],
    parents: Sequence[Parent],
    started: float,
    hardware: Mapping[str, str | int | float] | None = None,
    notes: Sequence[str] = (),
    sandboxes: Sequence[SandboxUse] = (),
    passed: bool | None = None,
    measured_with: Mapping[str, str] | None = None,
) -> Manifest:
    """The manifest of a run that ends now, not yet written (the worker writes it).

    `started` is `time.perf_counter()` at the stage's beginning; `artifacts` holds paths relative to
    the folder, the weights under "model"; `hardware` adds what only the stage knows (the device).

    Raises ValueError for a missing or absolute artifact path.
    """
    if kind in ("model", "adapter") and "model" not in artifacts:
        raise ValueError(f"a run of kind {kind} names its weights artifacts['model']")
    made = artifacts.get("model" if kind in ("model", "adapter") else kind)
    for name, path in artifacts.items():
        if Path(path).is_absolute() or not (folder.path / path).exists():
            raise ValueError(f"artifacts[{name!r}] must be a path within the folder, got {path}")
    return Manifest(
        id=folder.id,
        kind=kind,
        name=run.name,
        stage=run.stage.kind,
        parents=list(parents),
        config_hash=config_hash(run),
        git=git_state(),
        versions=versions(),
        seeds=seeds(run),
        hardware={**machine(run), **(hardware or {})},
        metrics=dict(metrics),
        seconds=round(time.perf_counter() - started, 3),
        peak_memory_mb=round(peak_memory_mb(), 1),
        finished=datetime.now().astimezone().isoformat(timespec="microseconds"),
        artifacts=dict(artifacts),
        notes=list(notes),
        sandboxes=tuple(sandboxes),
        content=None if made is None or kind == "report" else content_hash(folder.path / made),
        passed=passed,
        measured_by=None if measured_with is None else hash_of(measured_with),
        measured_with=dict(measured_with or {}),
    )
