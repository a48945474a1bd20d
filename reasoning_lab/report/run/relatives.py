"""The run to hold a finished one against: the one it came from, else the last of its name.

Only where both answered held-out problems of the same data, so that there are pairs.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from reasoning_lab.report.run.command import command
from reasoning_lab.report.run.suggestions import Suggestion
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run

LOOKED_AT = 20
"""Runs of the same name that are looked at, the newest first."""


def held_against(run: Run, manifest: Manifest) -> Suggestion:
    """The comparison of a run with the one before it; None for its command where there is none."""
    earlier = next((one for one in _earlier(run, manifest) if _same_data(run, one)), None)
    what = "compare with the run before, problem by problem"
    if earlier is None:
        return what, None
    both = {"a": _reference(earlier, Path(run.output)), "b": f"run:{run.name}@{manifest.id}"}
    return what, command("compare", {"stage": both, "output": run.output})


def _earlier(run: Run, manifest: Manifest) -> Iterator[RunFolder]:
    yield from (RunFolder(Path(one.path)) for one in manifest.parents)
    others = sorted(run_folders(Path(run.output).expanduser() / run.name), key=lambda one: one.id)
    before = [one for one in others if one.finished and one.id < manifest.id]
    yield from before[::-1][:LOOKED_AT]


def _same_data(run: Run, folder: RunFolder) -> bool:
    if not (folder.finished and folder.problems.is_file() and folder.run_json.is_file()):
        return False
    earlier = json.loads(folder.run_json.read_bytes()).get("data")
    return bool(earlier == run.data.model_dump(mode="json"))


def _reference(folder: RunFolder, output: Path) -> str:
    """`run:NAME@ID` where it lies in the same output, else by its folder."""
    place = folder.path.resolve()
    name = place.parent.parent
    here = name.parent == output.expanduser().resolve()
    return f"run:{name.name}@{folder.id}" if here else f"run:{place}"
