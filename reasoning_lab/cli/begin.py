"""From a checked run to a running worker."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from reasoning_lab.cli.network import out_of_reach
from reasoning_lab.cli.preflight import Ready, look
from reasoning_lab.errors import REFUSED, ConfigError
from reasoning_lab.report.run import plan
from reasoning_lab.runs.alone import alone, let_end, rivals, take, take_new
from reasoning_lab.runs.create import sweep_pins, sweep_size
from reasoning_lab.runs.discard import absent, discard_untouched, remove_empty
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.lock import Claim
from reasoning_lab.runs.resume import earlier_job, furthest, unfinished
from reasoning_lab.runs.spawn import WORKER, start
from reasoning_lab.schema import door
from reasoning_lab.schema.reference import references, replaced
from reasoning_lab.schema.run import Run

UNREAD = 141
"""Exit status of a command whose output nobody reads any more, as of any that SIGPIPE ends."""


def begin(
    run: Run, *, parent: Path | None = None, job: int = 0, program: Sequence[str] = WORKER
) -> int:
    """Make or find the run's folder, show the plan, run the worker; return its exit status.

    `program` is what Python is given to run on the folder.

    Raises ConfigError when something that the run refers to or needs is not there, ArtifactError
    when the folder cannot be made.
    """
    console = Console()
    if parent is not None:
        run = replaced(run, sweep_pins(parent, job))
        jobs = sweep_size(parent)
        console.rule(f"job {job + 1}/{jobs}" if jobs else f"job {job + 1}", align="left")
    made = absent(Path(run.output))
    placed = None
    while placed is None:  # another command may take the same folder in between
        folder = _earlier(run, parent, job)
        if folder is not None and folder.finished:
            console.print("resume=auto: this job has finished already; skipped")
            return 0
        placed = _placed(run, folder, parent, job)
    ready, taken = placed
    try:
        plan.show(ready.run, taken.folder, console, ready.held_out)
    except SystemExit:  # as rich ends where nobody reads any more: `| head`
        discard_untouched(taken.folder)
        taken.release()
        remove_empty(made)
        raise SystemExit(UNREAD) from None
    status = start(taken, program)
    if status == REFUSED:
        remove_empty(made)
    return status


def _earlier(run: Run, parent: Path | None, job: int) -> RunFolder | None:
    """What `resume=auto` goes on with, once nobody works there; finished, if it is by then."""
    if run.resume != "auto":
        return None
    if parent is not None:
        folder = earlier_job(run, parent, job)
        let_end([folder] if folder else [], say)
        return folder
    found = unfinished(run)
    let_end(found, say)
    return next((folder for folder in found if folder.finished), None) or furthest(found)


def _placed(
    run: Run, folder: RunFolder | None, parent: Path | None, job: int
) -> tuple[Ready, Claim] | None:
    """The run as it is started, and its folder, locked; None where another command came first.

    Raises ArtifactError while the same configuration is being run elsewhere, ConfigError where
    something is not there.
    """
    ready = look(run if folder is None else _as_begun(run, folder))
    if missing := list(out_of_reach(ready.run)):
        raise ConfigError(*missing)
    if alone(run):
        let_end(rivals(ready.run, parent), say)
    if folder is not None:
        taken = take(folder)
    else:
        taken = take_new(ready.run, run, parent=parent, job=job)
        if taken is not None and run.resume == "auto" and parent is None:
            say("resume=auto: nothing of this configuration is unfinished; starting anew")
    return None if taken is None else (ready, taken)


def say(line: str) -> None:
    """Print a line as it is, however long."""
    Console().print(line, soft_wrap=True, markup=False, highlight=False)


def _as_begun(run: Run, folder: RunFolder) -> Run:
    """The run with the references that it was begun on, which a newer run may have overtaken."""
    begun = door.load(folder.run_json)
    pins = {reference.key: reference.value for reference in references(begun)}
    for asked in references(run):
        if asked.value != pins[asked.key]:
            say(f"resume=auto: {asked.key}={asked.value} is still {pins[asked.key]}")
    return replaced(run, pins)
