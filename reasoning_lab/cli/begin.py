"""From a checked run to a running worker."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from reasoning_lab.cli.measured import check_measured
from reasoning_lab.cli.references import check_machine, check_references
from reasoning_lab.report.run import plan
from reasoning_lab.runs.create import sweep_size
from reasoning_lab.runs.discard import absent, discard_untouched, remove_empty
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.resume import earlier_job, latest_unfinished
from reasoning_lab.runs.spawn import REFUSED, start
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.tool import Tool

UNREAD = 141
"""Exit status of a command whose output nobody reads any more, as of any that SIGPIPE ends."""


def begin(run: Run, *, parent: Path | None = None, job: int = 0) -> int:
    """Make or find the run's folder, show the plan, run the worker; return its exit status.

    Raises ConfigError when something that the run refers to or needs is not there, ArtifactError
    when the folder cannot be made.
    """
    check_references(run)
    held_out = check_measured(run)
    if not isinstance(run.stage, Tool):
        check_machine(run.hardware)
    folder = None
    if run.resume == "auto":
        folder = earlier_job(run, parent, job) if parent else latest_unfinished(run)
    console = Console()
    if parent is not None:
        jobs = sweep_size(parent)
        console.rule(f"job {job + 1}/{jobs}" if jobs else f"job {job + 1}", align="left")
    if folder is not None and folder.finished:
        console.print("resume=auto: this job has finished already; skipped")
        return 0
    if run.resume == "auto" and folder is None and parent is None:
        console.print("resume=auto: nothing of this configuration is unfinished; starting anew")
    made = absent(Path(run.output))
    folder = folder or RunFolder.create(run, parent=parent, job=job)
    try:
        plan.show(run, folder, console, held_out)
    except SystemExit:  # as rich ends where nobody reads any more: `| head`
        discard_untouched(folder)
        remove_empty(made)
        raise SystemExit(UNREAD) from None
    status = start(folder)
    if status == REFUSED:
        remove_empty(made)
    return status
