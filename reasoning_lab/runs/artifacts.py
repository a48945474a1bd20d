"""References between runs: `model.path=run:r1_zero@latest` instead of a path.

    run:NAME@latest          the newest finished run of that name whose kind fits
    run:NAME                 the same
    run:NAME@2026-03-01_10   the run whose id (or hash) starts so; it must be the only one
    run:/path/to/folder      that run folder

Only finished runs are found: no manifest means that there is nothing to hand over.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.errors import ArtifactError, LabError
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, Parent, read
from reasoning_lab.runs.resume import run_folders

PREFIX = "run:"


@dataclass(frozen=True, slots=True)
class Resolved:
    """An artifact: where it lies and, if a run made it, which run and its manifest."""

    path: Path
    parent: Parent | None
    manifest: Manifest | None


def resolve(reference: str, kinds: Sequence[str], output: Path) -> Resolved:
    """Where the artifact lies that `reference` names, of one of `kinds`.

    For a model or an adapter `path` is the folder of the weights, else the run's folder. A
    reference without `run:` is a path and is given back as it is, without a parent. Names are
    looked up under `output`.

    Raises ArtifactError: no such run, it did not finish, it is of another kind, or several fit.
    """
    if not reference.startswith(PREFIX):
        return Resolved(Path(reference).expanduser(), None, None)
    name, _, which = reference.removeprefix(PREFIX).partition("@")
    if "/" in name:
        folder = RunFolder(Path(reference.removeprefix(PREFIX)).expanduser())
        if not folder.run_json.is_file():
            raise ArtifactError.one(
                reference, "is not a run folder: it has no run.json", "name <group>/<job>"
            )
        return _checked(reference, kinds, folder, read(folder))
    folders = run_folders(output.expanduser() / name) if name else []
    if not folders:
        raise _unknown(reference, name, output)
    if which in ("", "latest"):
        return _latest(reference, kinds, folders)
    return _by_id(reference, which, kinds, folders)


def _latest(reference: str, kinds: Sequence[str], folders: Sequence[RunFolder]) -> Resolved:
    finished = [(folder, read(folder)) for folder in folders if folder.finished]
    if not finished:
        newest = max(folders, key=lambda folder: folder.id)
        raise ArtifactError.one(
            reference,
            f"no run of this name did finish ({len(folders)} started)",
            f"continue one: python -m reasoning_lab.worker {newest.path}",
        )
    fitting = [pair for pair in finished if pair[1].kind in kinds]
    folder, manifest = max(fitting or finished, key=lambda pair: pair[1].finished)
    return _checked(reference, kinds, folder, manifest)


def _by_id(
    reference: str, which: str, kinds: Sequence[str], folders: Sequence[RunFolder]
) -> Resolved:
    found = [folder for folder in folders if folder.id == which] or [
        folder for folder in folders if folder.id.startswith(which) or _hash(folder, which)
    ]
    if not found:
        near = difflib.get_close_matches(which, [folder.id for folder in folders], n=3, cutoff=0.5)
        newest = max(folder.id for folder in folders)
        raise ArtifactError.one(
            reference,
            f"no run of this name has an id that starts with {which}",
            f"did you mean {' or '.join(near)}?" if near else f"the newest is {newest}",
        )
    if len(found) > 1:
        listed = ", ".join(sorted(folder.id for folder in found)[:6])
        raise ArtifactError.one(
            reference, f"{len(found)} runs fit: {listed}", "write more of the id"
        )
    return _checked(reference, kinds, found[0], read(found[0]))


def _hash(folder: RunFolder, which: str) -> bool:
    # <date>_<time>-<hash8>: the time holds dashes itself, so count from its fixed width.
    return folder.id[len("2026-01-31_23-59-59-") :].startswith(which)


def _checked(
    reference: str, kinds: Sequence[str], folder: RunFolder, manifest: Manifest
) -> Resolved:
    if manifest.kind not in kinds:
        wanted = " or ".join(kinds)
        raise ArtifactError.one(
            reference,
            f"is of kind {manifest.kind} (stage {manifest.stage}), but {wanted} is needed here",
            f"name a run that made a {wanted}",
        )
    path = folder.path.resolve()
    parent = Parent(id=manifest.id, config_hash=manifest.config_hash, path=str(path))
    if manifest.kind not in ("model", "adapter"):
        return Resolved(path, parent, manifest)
    weights = path / manifest.artifacts["model"]
    if not weights.is_dir():
        raise ArtifactError.one(
            reference, f"the weights {weights} are gone", "run it again, or name another run"
        )
    return Resolved(weights, parent, manifest)


def _unknown(reference: str, name: str, output: Path) -> LabError:
    output = output.expanduser()
    known = sorted(path.name for path in output.glob("[!.]*") if path.is_dir())
    near = [
        other for other in difflib.get_close_matches(name, known, n=3, cutoff=0.5) if other != name
    ]
    if name in known:
        cure = "its folder is there, but no run in it got as far as a run.json"
    elif near:
        cure = f"did you mean {' or '.join(near)}?"
    else:
        cure = f"runs there: {', '.join(known[:8])}" if known else "no runs are there yet"
    return ArtifactError.one(reference, f"no run named {name!r} in {output}", cure)
