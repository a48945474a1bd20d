"""Sweeps (`-m`): every job passes the door before the first one starts.

Hydra's sweeper makes the jobs and its launcher places them; this callback stands at both ends.
At the start it composes and checks all jobs and makes the one folder they share, or with
`resume=auto` finds the one they left; at the end it shows the table and decides the exit status.
Hydra turns ordinary exceptions of callbacks into warnings, so a refusal leaves as SystemExit.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import OverrideParseException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from rich.console import Console

from reasoning_lab.cli.begin import say
from reasoning_lab.cli.compose import attempt, plain
from reasoning_lab.cli.network import out_of_reach
from reasoning_lab.cli.overrides import parse
from reasoning_lab.cli.preflight import besides, preflight
from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.report.text.problems import refuse
from reasoning_lab.runs.alone import (
    alone,
    let_end,
    rivals,
    sweep_folders,
    take,
    take_new_sweep,
)
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash
from reasoning_lab.runs.lock import Claim
from reasoning_lab.runs.outside import clashes
from reasoning_lab.runs.resume import furthest_sweep, sweep_jobs, unfinished_sweeps
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reference import references
from reasoning_lab.schema.run import Run

BASIC = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"


class SweepDoor(Callback):  # type: ignore[misc]  # Hydra brings no types
    """Hydra callback of every sweep (`hydra.callbacks` in `conf/config.yaml`)."""

    def __init__(self) -> None:
        self.jobs = 0
        self._working = ExitStack()

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Check all jobs, then make or find the sweep's folder and tell Hydra of it."""
        try:
            jobs = check_jobs(jobs_of(config))
            self.jobs = len(jobs)
            if missing := [one for job in jobs for one in out_of_reach(job.pinned)]:
                raise ConfigError(*dict.fromkeys(missing))
            # Held to the end: it is how another command sees that this sweep is being run.
            taken = _taken(plain(config), jobs, lists_jobs=_is_basic(config))
            self._working.callback(taken.release)
            folder = taken.folder.path
        except LabError as error:
            raise SystemExit(refuse(error)) from None
        with read_write(config), open_dict(config):
            config.hydra.sweep.dir = str(folder)
            # Each job is composed anew from these, in whichever process it runs.
            quoted = str(folder).replace("\\", "\\\\").replace("'", "\\'")
            config.hydra.overrides.hydra.append(f"hydra.sweep.dir='{quoted}'")

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Show the table; leave with status 1 when a job did not start, finish or pass."""
        from reasoning_lab.report.sweep import table as sweep
        from reasoning_lab.runs.manifest import read

        self._working.close()
        folder = Path(config.hydra.sweep.dir)
        found = [RunFolder(path.parent) for path in folder.glob("*/run.json")]
        jobs = [job for job in found if job.original is None]
        if not jobs:
            raise SystemExit(1)
        sweep.table(folder, Console())
        if len(jobs) < self.jobs or not all(job.finished for job in jobs):
            raise SystemExit(1)
        if any(read(job).passed is False for job in jobs):
            raise SystemExit(1)


def jobs_of(config: DictConfig) -> list[list[str]]:
    """The overrides of each job of a basic sweep; for a searching sweeper, one sample job.

    A searching sweeper (Optuna) makes up its jobs as it goes: only the first value of each
    choice is looked at here, and each job passes the door again when it starts.
    """
    # Unresolved, as Hydra's sweeper gets them: `${reward.name}` is each job's own.
    task = OmegaConf.to_container(config.hydra.overrides.task, resolve=False)
    params = config.hydra.sweeper.get("params") or {}
    lines = [f"{key}={value}" for key, value in params.items()] + task
    try:
        overrides = OverridesParser.create().parse_overrides(lines)
    except OverrideParseException:
        raise ConfigError(*parse(lines)[1]) from None
    if _is_basic(config):
        return [job for batch in BasicSweeper.split_arguments(overrides, None) for job in batch]
    return [[line for line in task if not parse([line])[1]]]


@dataclass(frozen=True, slots=True)
class SweepJob:
    """A job of a sweep: as it was asked for, and with its references pinned."""

    asked: Run
    pinned: Run


def check_jobs(jobs: Sequence[Sequence[str]]) -> list[SweepJob]:
    """The run of each job, through the same checks as a single run.

    Raises ConfigError with the problems of all jobs; a problem that several jobs share is told
    once, with the jobs that have it.
    """
    checked: list[SweepJob] = []
    found: dict[Problem, list[int]] = {}
    for number, job in enumerate(jobs):
        composed, problems = attempt(job)
        try:
            if composed:
                run = check(composed)
                checked.append(SweepJob(run, preflight(run)))
        except LabError as error:
            problems = [*problems, *error.problems]
        if problems and composed:
            problems += besides(composed, problems)
        for problem in dict.fromkeys(problems):
            found.setdefault(problem, []).append(number)
    files = [file for job in checked if (file := job.asked.stage.writes()) is not None]
    for problem in clashes(files):
        found[problem] = list(range(len(jobs)))
    if found:
        raise ConfigError(*_with_jobs(found, jobs))
    return checked


def _with_jobs(found: dict[Problem, list[int]], jobs: Sequence[Sequence[str]]) -> Iterator[Problem]:
    fixed = set.intersection(*(set(job) for job in jobs)) if jobs else set()
    for problem, numbers in found.items():
        if len(numbers) == len(jobs):
            yield problem
            continue
        which = [" ".join(x for x in jobs[n] if x not in fixed) for n in numbers[:3]]
        more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
        where = "; ".join(which).replace("\\", "") + more
        yield Problem(problem.where, f"{problem.what} [in {where}]", problem.cure)


# Hydra's default sweeper has no public name. `pyproject.toml` keeps Hydra below 1.4; one that moves
# it fails at the import above, and one that renames it in the tests of sweeps.
def _is_basic(config: DictConfig) -> bool:
    return bool(config.hydra.sweeper._target_ == BASIC)


def _taken(shared: dict[str, Any], jobs: Sequence[SweepJob], *, lists_jobs: bool) -> Claim:
    """The sweep's folder, locked: with resume=auto the furthest of the same jobs, unfinished.

    A sweeper that makes up its jobs as it goes (not `lists_jobs`) always gets a new one: what
    its jobs were is not known before they run. Raises ArtifactError while the same sweep, or one of
    its jobs, is being run.
    """
    runs = [job.asked for job in jobs]
    place = str(shared["output"]), str(shared["name"]), _label(runs)
    size = len(runs) if lists_jobs else None
    pins = [{one.key: one.value for one in references(job.pinned)} for job in jobs]
    resumes = all(run.resume == "auto" for run in runs)
    while True:  # another command may take the same folder in between
        groups = unfinished_sweeps(*place, runs) if lists_jobs and any(map(alone, runs)) else []
        let_end(sweep_folders(groups, len(runs)), say)
        for job in jobs if lists_jobs else ():
            let_end(rivals(job.pinned) if alone(job.asked) else [], say)
        if resumes and (found := furthest_sweep(groups, len(runs))) is not None:
            taken = take(RunFolder(found))
            line = _going_on(found, len(runs))
        else:
            taken = take_new_sweep(place, runs if lists_jobs else [], size, pins if size else [])
            line = "resume=auto: no sweep of these jobs is unfinished; starting anew"
        if taken is not None:
            if resumes:
                say(line)
            return taken


def _going_on(group: Path, jobs: int) -> str:
    done = sum(job.finished for job in sweep_jobs(group, jobs))
    return f"resume=auto: {done} of {jobs} jobs have finished; going on in {group}"


def _label(runs: Sequence[Run]) -> str:
    """8 hex digits that say which jobs, in which order."""
    text = "\n".join(map(config_hash, runs))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
