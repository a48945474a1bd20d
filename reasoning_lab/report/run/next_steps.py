"""Commands worth trying after a run, typed so that they work from the same place."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from reasoning_lab.report.run.suggestions import Step
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.words import path
from reasoning_lab.report.verbs import report_of
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Pairs of (what it does, command), three or four, most useful first; none after a tool."""
    found = report_of(type(run.stage)).next_steps(run, manifest)
    return [(what, f"{program('python')} -m reasoning_lab {rest}") for what, rest in found]


def sync(folder: RunFolder, manifest: Manifest) -> list[Step]:
    """The command that sends an offline W&B run to the server; empty where there is none."""
    place = manifest.artifacts.get("wandb")
    if place is None or "offline-run" not in place:
        return []
    last = folder.path / place
    # A resumed run has one folder more each time, all with its id; they are sent together.
    parts = sorted({last, *last.parent.glob(f"offline-run-*-{last.name.rpartition('-')[2]}")})
    sent = " ".join(shlex.quote(path(part)) for part in parts)
    return [("send the offline run to W&B", f"{program('wandb')} sync {sent}")]


def sync_all(sweep_folder: Path, manifests: Sequence[Manifest]) -> list[Step]:
    """The command that sends the offline W&B runs of all jobs; empty where there are none."""
    if not any("offline-run" in one.artifacts.get("wandb", "") for one in manifests):
        return []
    places = f"{shlex.quote(path(sweep_folder))}/*/wandb/offline-run-*"
    return [("send the offline runs to W&B", f"{program('wandb')} sync {places}")]


def print_steps(steps: Sequence[Step], console: Console) -> None:
    """Print commands unbroken and outside of any panel, so that they can be copied."""
    console.print(Text("next", style="bold"))
    for what, command in steps:
        console.print(Text(f"  {what}:", style="dim"))
        console.print(Text(f"    {clean(command)}", style="cyan"), soft_wrap=True)


def program(name: str) -> str:
    """How to type `name` of this Python's environment: bare when the shell finds the same one.

    `.venv/bin/python` where the environment is not activated.
    """
    here = Path(sys.executable).parent / name
    found = shutil.which(name)
    if found is not None and os.path.realpath(Path(found).parent) == os.path.realpath(here.parent):
        return name
    return path(here)
