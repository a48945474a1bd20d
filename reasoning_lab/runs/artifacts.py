"""References between runs: `model.path=run:r1_zero@latest` instead of a path.

    run:NAME@latest          the newest finished run of that name whose kind fits
    run:NAME                 the same
    run:NAME@2026-03-01_10   the run whose id (or hash) starts so; it must be the only one
    run:/path/to/folder      that run folder

Only finished runs are found: no manifest means that there is nothing to hand over. A run that is
started stands on pinned references (`pin`), which end in the content hash of what they name:
`run:NAME@ID@sha256:HASH`. Another run of the same name, or other bytes, are never taken for it.
What counts is the `Part` of the run that is read.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.errors import ArtifactError, LabError
from reasoning_lab.records.rollout import part_files
from reasoning_lab.runs.content import DIGITS, content_hash
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.manifest import Manifest, Parent, read
from reasoning_lab.schema.reference import PREFIX, Part
from reasoning_lab.schema.vocabulary import choices

_CONTENT = re.compile(rf"@sha256:([0-9a-f]{{{DIGITS}}})$")


@dataclass(frozen=True, slots=True)
class Resolved:
    """An artifact: where it lies and, if a run made it, which run and its manifest."""

    path: Path
    parent: Parent | None
    manifest: Manifest | None


def resolve(
    reference: str, kinds: Sequence[str], output: Path, *, part: Part = "weights"
) -> Resolved:
    """Where the artifact lies that `reference` names, of one of `kinds`.

    For a model or an adapter `path` is the folder of the weights, for a data set that of its rows,
    else (and for another `part`, which needs no weights) the run's folder. A reference without
    `run:` is a path and is given back as it is, without a parent. Names are looked up under
    `output`. Of pinned weights and rows the recorded
    hash is compared, not the bytes: see `require_content`.

    Raises ArtifactError: no such run, it did not finish, it is of another kind, several fit, or it
    is not what was pinned.
    """
    if not reference.startswith(PREFIX):
        return Resolved(Path(reference).expanduser(), None, None)
    plain, content = split_content(reference)
    try:
        folder, manifest = _find(plain, kinds, output)
    except ArtifactError as error:
        raise _gone(reference, error) if content else error from None
    found = _checked(plain, kinds, folder, manifest, part)
    if content and found.parent is not None and found.parent.content != content:
        raise _changed(reference, found.parent.content or "unknown")
    return found


def pin(reference: str, kinds: Sequence[str], output: Path, *, part: Part = "weights") -> str:
    """The same reference as `run:NAME@ID@sha256:HASH` (or `run:/folder@sha256:HASH`), which means
    one run only.

    What names no run stays as it is. Raises ArtifactError as `resolve` does.
    """
    found = resolve(reference, kinds, output, part=part)
    if found.parent is None:
        return reference
    name, _ = _named(split_content(reference)[0])
    where = found.parent.path if "/" in name else f"{name}@{found.parent.id}"
    return f"{PREFIX}{where}{pinned_to(found.parent)}"


def pinned_to(parent: Parent) -> str:
    """How a pinned reference ends: `@sha256:HASH`, or nothing where no hash is known."""
    return f"@sha256:{parent.content}" if parent.content else ""


def means(asked: str, pinned: str) -> bool:
    """Whether `asked` may have been pinned as `pinned`, now or when another run was the latest.

    A folder may be asked for without `run:`, where completions are read.

    >>> means("run:a@latest", "run:a@2026-03-01_10-00-00-0a1b2c3d/0@sha256:0123456789abcdef")
    True
    """
    plain, content = split_content(pinned)
    asked, wanted = split_content(asked)
    if asked == plain or not plain.startswith(PREFIX):
        return asked == plain and wanted in (None, content)
    name, which = _named(asked) if asked.startswith(PREFIX) else (asked, "")
    other, run_id = _named(plain)
    if "/" in other:
        return Path(name).expanduser().resolve() == Path(other)
    return name == other and (which in ("", "latest") or _is_id(run_id, which))


def require_content(found: Resolved, reference: str) -> None:
    """Raise ArtifactError where the bytes of a pinned artifact are others than its hash says."""
    content = split_content(reference)[1]
    if content and (now := content_hash(found.path)) != content:
        raise _changed(reference, now)


def split_content(reference: str) -> tuple[str, str | None]:
    """A reference without the content hash that ends a pinned one, and that hash.

    >>> split_content("run:taught@latest")
    ('run:taught@latest', None)
    """
    match = _CONTENT.search(reference) if reference.startswith(PREFIX) else None
    return (reference[: match.start()], match[1]) if match else (reference, None)


def _named(plain: str) -> tuple[str, str]:
    """Name and id of `run:NAME@ID`; of `run:FOLDER`, which may hold an @, the folder and ""."""
    rest = plain.removeprefix(PREFIX)
    name, _, which = rest.partition("@")
    return (rest, "") if "/" in name else (name, which)


def _gone(reference: str, error: LabError) -> LabError:
    problem = error.problems[0]
    what = f"the run that it was pinned to is gone, or is not whole any more: {problem.what}"
    return ArtifactError.one(reference, what, "bring it back, or start a new run: resume=never")


def _changed(reference: str, now: str) -> LabError:
    return ArtifactError.one(
        reference,
        f"its content has changed since: it was {split_content(reference)[1]}, it is {now}",
        "bring the old files back, or start a new run on what is there now",
    )


Found = tuple[RunFolder, Manifest]


def _find(reference: str, kinds: Sequence[str], output: Path) -> Found:
    name, which = _named(reference)
    if "/" in name:
        folder = RunFolder(Path(name).expanduser())
        if not folder.run_json.is_file():
            what = "is not a run folder: it has no run.json"
            raise ArtifactError.one(reference, what, "name <group>/<job>")
        return folder, read(folder)
    folders = run_folders(output.expanduser() / name) if name else []
    if not folders:
        raise _unknown(reference, name, output)
    if which in ("", "latest"):
        return _latest(reference, kinds, folders)
    return _by_id(reference, which, folders)


def _latest(reference: str, kinds: Sequence[str], folders: Sequence[RunFolder]) -> Found:
    finished = [(folder, read(folder)) for folder in folders if folder.finished]
    if not finished:
        newest = max(folders, key=lambda folder: folder.id)
        what = f"no run of this name did finish ({len(folders)} started)"
        cure = f"continue one: python -m reasoning_lab.worker {newest.path}"
        raise ArtifactError.one(reference, what, cure)
    fitting = [pair for pair in finished if pair[1].kind in kinds]
    return max(fitting or finished, key=lambda pair: pair[1].finished)


def _by_id(reference: str, which: str, folders: Sequence[RunFolder]) -> Found:
    found = [folder for folder in folders if folder.id == which] or [
        folder for folder in folders if _is_id(folder.id, which)
    ]
    if not found:
        ids = [folder.id for folder in folders]
        near = difflib.get_close_matches(which, ids, n=3, cutoff=0.5)
        what = f"no run of this name has an id that starts with {which}"
        cure = f"did you mean {' or '.join(near)}?" if near else f"the newest is {max(ids)}"
        raise ArtifactError.one(reference, what, cure)
    if len(found) > 1:
        listed = ", ".join(sorted(folder.id for folder in found)[:6])
        what = f"{len(found)} runs fit: {listed}"
        raise ArtifactError.one(reference, what, "write more of the id")
    return found[0], read(found[0])


def _is_id(run_id: str, which: str) -> bool:
    """Whether an id, or the hash in it, starts with `which`."""
    # <date>_<time>-<hash8>: the time holds dashes itself, so count from its fixed width.
    return run_id.startswith(which) or run_id[len("2026-01-31_23-59-59-") :].startswith(which)


def _checked(
    reference: str, kinds: Sequence[str], folder: RunFolder, manifest: Manifest, part: Part
) -> Resolved:
    if manifest.kind not in kinds:
        wanted = " or ".join(kinds)
        raise ArtifactError.one(
            reference,
            f"is of kind {manifest.kind} (stage {manifest.stage}), but {wanted} is needed here",
            f"name a run that made a {wanted}",
        )
    path = place = folder.path.resolve()
    content = manifest.content
    if part == "rollouts":
        content = content_hash(folder.path, [*part_files(folder.samples), folder.samples])
    elif part == "answers":
        content = _answers_hash(reference, folder, manifest)
    elif manifest.kind != "report":
        made, what = ("dataset", "rows") if manifest.kind == "dataset" else ("model", "weights")
        place = path / manifest.artifacts[made]
        if not place.is_dir():
            raise ArtifactError.one(
                reference, f"the {what} {place} are gone", "run it again, or name another run"
            )
        content = content or content_hash(place)  # made before manifests had one
    parent = Parent(
        id=manifest.id, config_hash=manifest.config_hash, path=str(path), content=content
    )
    return Resolved(place, parent, manifest)


def _answers_hash(reference: str, folder: RunFolder, manifest: Manifest) -> str:
    if not folder.problems.is_file():
        what = f"has no answers to held-out problems: its stage is {manifest.stage}"
        cure = "name a run that measured, such as one of stage=evaluate"
        raise ArtifactError.one(reference, what, cure)
    return content_hash(folder.path, [folder.problems])


def _unknown(reference: str, name: str, output: Path) -> LabError:
    output = output.expanduser()
    known = sorted(path.name for path in output.glob("[!.]*") if path.is_dir())
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if name in known:
        cure = "its folder is there, but no run in it got as far as a run.json"
    elif name in choices("experiment"):
        cure = f"make it first: python -m reasoning_lab experiment={name}"
    elif near:
        cure = f"did you mean {' or '.join(near)}?"
    else:
        cure = f"runs there: {', '.join(known[:8])}" if known else "no runs are there yet"
    return ArtifactError.one(reference, f"no run named {name!r} in {output}", cure)
