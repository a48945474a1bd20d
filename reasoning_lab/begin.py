"""From a checked run to a running worker."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from reasoning_lab.errors import ArtifactError, Problem
from reasoning_lab.report import plan
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.resume import earlier_job, latest_unfinished
from reasoning_lab.runs.spawn import start
from reasoning_lab.schema.run import Run

MODELS = ("model", "adapter")


def begin(run: Run, *, parent: Path | None = None, job: int = 0) -> int:
    """Make or find the run's folder, show the plan, run the worker; return its exit status.

    Raises ArtifactError when the model is a run that did not finish, or the folder cannot be made.
    """
    check_references(run)
    folder = None
    if run.resume == "auto":
        folder = earlier_job(run, parent, job) if parent else latest_unfinished(run)
    console = Console()
    if folder is not None and folder.finished:
        console.print(f"resume=auto: job {job} has finished already; skipped")
        return 0
    if run.resume == "auto" and folder is None and parent is None:
        console.print("resume=auto: nothing of this configuration is unfinished; starting anew")
    folder = folder or RunFolder.create(run, parent=parent, job=job)
    plan.show(run, folder, console)
    return start(folder)


def check_references(run: Run) -> None:
    """Raise ArtifactError when the run starts from another run that did not finish."""
    if not run.model.path.startswith("run:"):
        return
    try:
        resolve(run.model.path, MODELS, Path(run.output))
    except ArtifactError as error:
        found = (Problem("model.path", f"{p.where}: {p.what}", p.cure) for p in error.problems)
        raise ArtifactError(*found) from None
