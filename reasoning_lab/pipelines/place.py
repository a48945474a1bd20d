"""The folder of a pipeline: what it is, and its report.

    <output>/<name>/<hash>/
        pipeline.json   the pipeline as it was asked for and as it is run, with each step's run
        rounds.csv      a row a round     report.html   the page to look at

The folder follows from what was asked for, so that the same command comes back to it. The runs of
its steps lie in folders of their own, as if each had been started by hand.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_json
from reasoning_lab.runs.alone import let_end, take
from reasoning_lab.runs.create import make_runs_of
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import hash_of
from reasoning_lab.runs.lock import Claim, being_run
from reasoning_lab.schema.pipeline import Pipeline

PIPELINE = "pipeline.json"
_UNASKED = {"plan"}  # changes nothing of what is run


def folder_of(pipeline: Pipeline, output: str) -> Path:
    """Where the report of this pipeline lies; it may not be there yet."""
    label = hash_of(pipeline.model_dump(mode="json", by_alias=True, exclude=_UNASKED))[:8]
    return Path(output).expanduser().absolute() / pipeline.name / label


def taken(pipeline: Pipeline, output: str, say: Callable[[str], object]) -> Claim:
    """The pipeline's folder, made where it is missing, and locked.

    Raises ArtifactError while another command goes through the same pipeline.
    """
    make_runs_of(output, pipeline.name)
    place = RunFolder(folder_of(pipeline, output))
    place.path.mkdir(exist_ok=True)
    let_end([place], say)
    claim = take(place)
    if claim is None:
        raise being_run(place)
    return claim


def note(place: Path, asked: Pipeline, pinned: Pipeline, steps: list[Mapping[str, Any]]) -> None:
    """Write `pipeline.json`."""
    told = {"asked": asked, "pinned": pinned}
    plain = {
        key: one.model_dump(mode="json", by_alias=True, exclude=_UNASKED)
        for key, one in told.items()
    }
    write_json(place / PIPELINE, {**plain, "steps": steps})


def noted(place: Path) -> dict[str, Any] | None:
    """What `pipeline.json` says; None where there is none.

    Raises ArtifactError for a broken one.
    """
    path = place / PIPELINE
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise ArtifactError.one(str(path), f"is not JSON: {error}", "delete it") from error
    if not isinstance(found, dict):
        raise ArtifactError.one(str(path), "is not a pipeline", "delete it")
    return found
