"""The jobs of a sweep as they lie in its folder: finished, failed, running or stopped."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answer import Problem, read_problems
from reasoning_lab.report.run.results import Row, main_row, rows
from reasoning_lab.report.text.clean import one_line
from reasoning_lab.report.text.words import setting
from reasoning_lab.runs.artifacts import split_content
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.lock import is_running
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.schema.way import GROUP, WAYS

Status = Literal["finished", "failed", "running", "unfinished"]
SAMPLES = "stage.evaluation.samples"
"""What the ways take that draw answers, unless they say otherwise."""
# Where a run writes and how it was continued do not make it a different experiment.
_NOT_SWEPT = ("output", "resume", "group")


@dataclass(frozen=True, slots=True)
class Job:
    """One job: its configuration, flat (`stage.num_generations`), and what came of it."""

    folder: RunFolder
    config: dict[str, Any]
    status: Status
    reason: str
    manifest: Manifest | None

    @property
    def name(self) -> str:
        """The job's folder name: its number in the sweep."""
        return self.folder.path.name

    def said(self, key: str) -> str:
        """The value of a setting as a table shows it, of a reference without the hash in it."""
        value = self.config.get(key)
        value = split_content(value)[0] if isinstance(value, str) else value
        return one_line(setting(value), characters=60)

    def results(self) -> list[Row]:
        """Everything measured; empty unless finished."""
        return [] if self.manifest is None else rows(self.manifest)

    def main(self) -> Row | None:
        """The row the job is judged by."""
        return main_row(self.results())

    def scores(self) -> dict[str, float]:
        """Each held-out problem's score in [0, 1] in the leading way, after training."""
        pairs = map(_score, read_problems(self.folder.problems))
        return {key: score for key, score in pairs if key}


def find(sweep_folder: Path) -> list[Job]:
    """All jobs in `sweep_folder` by number; repeats of finished runs are left out.

    Raises ArtifactError if there is no job, or a run.json is not one.
    """
    folders = [RunFolder(path.parent) for path in sweep_folder.glob("*/run.json")]
    jobs = [job_of(folder) for folder in folders if folder.original is None]
    if not jobs:
        cure = "name a sweep's folder: multirun/<name>/<time>-<hash>"
        raise ArtifactError.one(str(sweep_folder), "holds no runs", cure)
    return sorted(jobs, key=lambda job: (not job.name.isdigit(), len(job.name), job.name))


def swept_keys(jobs: Sequence[Job]) -> list[str]:
    """Keys whose values differ between the jobs, in the order of run.json.

    Choosing another model changes many keys at once: where `model.name` tells all jobs apart as
    well as another key of its group does, that other key is left out.
    """
    keys = list(dict.fromkeys(key for job in jobs for key in job.config))
    differing = [key for key in keys if len({_value(job, key) for job in jobs}) > 1]
    leaders = {key: [one for one in _leaders(key) if one in differing] for key in differing}
    return [key for key in differing if not any(_follows(key, one, jobs) for one in leaders[key])]


def _leaders(key: str) -> list[str]:
    """The keys that name the choice `key` belongs to: `stage.kind` for `stage.evaluation.every`."""
    group = key.partition(".")[0]
    leaders = [f"{group}.name", f"{group}.kind"]
    if key.startswith(f"{WAYS}."):
        return [GROUP, SAMPLES, *leaders]
    return leaders[: leaders.index(key)] if key in leaders else leaders


def _follows(key: str, leader: str, jobs: Sequence[Job]) -> bool:
    """Whether `leader`'s value decides `key`'s, in these jobs."""
    pairs = {(_value(job, leader), _value(job, key)) for job in jobs}
    return len(pairs) == len({first for first, _ in pairs})


def _value(job: Job, key: str) -> str:
    return json.dumps(job.config.get(key), sort_keys=True)


def job_of(folder: RunFolder) -> Job:
    """The job in a run folder. Raises ArtifactError where its files are not those of a run."""
    status, reason = _status(folder)
    manifest = read(folder) if status == "finished" else None
    return Job(folder, _settings(_config(folder)), status, reason, manifest)


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration, flat, with the names of its ways of measuring as one value."""
    found = dict(_flat(config))
    depth = WAYS.count(".") + 1
    names = [key.split(".")[depth] for key in found if key.startswith(f"{WAYS}.")]
    return {**found, GROUP: ", ".join(dict.fromkeys(names))} if names else found


def _config(folder: RunFolder) -> dict[str, Any]:
    try:
        config = json.loads(folder.run_json.read_bytes())
    except ValueError as error:
        raise ArtifactError.one(str(folder.run_json), f"is not JSON: {error}") from error
    if not isinstance(config, dict):
        raise ArtifactError.one(str(folder.run_json), "is not a run")
    return {key: value for key, value in config.items() if key not in _NOT_SWEPT}


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _status(folder: RunFolder) -> tuple[Status, str]:
    if folder.finished:
        return "finished", ""
    if is_running(folder):
        return "running", ""
    if folder.error.is_file():
        # A traceback: what went wrong is its last line.
        text = folder.error.read_text(encoding="utf-8", errors="replace").strip()
        return "failed", one_line(text.rpartition("\n")[2] or "no reason given", characters=200)
    return "unfinished", "stopped or killed; resume=auto continues it"


def _score(problem: Problem) -> tuple[str, float]:
    score = problem.after.score()
    if score is None:
        return "", 0.0
    # Content, not the id alone: two jobs may have made different problems under one id.
    return f"{problem.id}\n{problem.question}", score
