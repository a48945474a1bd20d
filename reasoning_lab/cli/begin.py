"""From a checked run to a running worker."""

from pathlib import Path

from rich.console import Console

from reasoning_lab.cli.preflight import look
from reasoning_lab.errors import REFUSED
from reasoning_lab.report.run import plan
from reasoning_lab.runs.create import sweep_pins, sweep_size
from reasoning_lab.runs.discard import absent, discard_untouched, remove_empty
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.resume import earlier_job, latest_unfinished
from reasoning_lab.runs.spawn import start
from reasoning_lab.schema import door
from reasoning_lab.schema.reference import references, replaced
from reasoning_lab.schema.run import Run

UNREAD = 141
"""Exit status of a command whose output nobody reads any more, as of any that SIGPIPE ends."""


def begin(run: Run, *, parent: Path | None = None, job: int = 0) -> int:
    """Make or find the run's folder, show the plan, run the worker; return its exit status.

    Raises ConfigError when something that the run refers to or needs is not there, ArtifactError
    when the folder cannot be made.
    """
    console = Console()
    if parent is not None:
        run = replaced(run, sweep_pins(parent, job))
        jobs = sweep_size(parent)
        console.rule(f"job {job + 1}/{jobs}" if jobs else f"job {job + 1}", align="left")
    folder = None
    if run.resume == "auto":
        folder = earlier_job(run, parent, job) if parent else latest_unfinished(run)
    if folder is not None and folder.finished:
        console.print("resume=auto: this job has finished already; skipped")
        return 0
    if folder is not None:
        run = _as_begun(run, folder, console)
    elif run.resume == "auto" and parent is None:
        console.print("resume=auto: nothing of this configuration is unfinished; starting anew")
    ready = look(run)
    run = ready.run
    made = absent(Path(run.output))
    folder = folder or RunFolder.create(run, parent=parent, job=job)
    try:
        plan.show(run, folder, console, ready.held_out)
    except SystemExit:  # as rich ends where nobody reads any more: `| head`
        discard_untouched(folder)
        remove_empty(made)
        raise SystemExit(UNREAD) from None
    status = start(folder)
    if status == REFUSED:
        remove_empty(made)
    return status


def _as_begun(run: Run, folder: RunFolder, console: Console) -> Run:
    """The run with the references that it was begun on, which a newer run may have overtaken."""
    begun = door.load(folder.run_json)
    pins = {reference.key: reference.value for reference in references(begun)}
    for asked in references(run):
        if asked.value != pins[asked.key]:
            said = f"resume=auto: {asked.key}={asked.value} is still {pins[asked.key]}"
            console.print(said, soft_wrap=True, markup=False, highlight=False)
    return replaced(run, pins)
