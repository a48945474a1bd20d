"""A pipeline's steps on the screen: which is skipped and why, and the command of each other one."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from reasoning_lab.pipelines.same import Decision
from reasoning_lab.pipelines.walk import Step, Visit
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.words import counted, path
from reasoning_lab.schema.pipeline import Pipeline

PROGRAM = "python -m reasoning_lab"


def announce(visit: Visit, pipeline: Pipeline, console: Console) -> None:
    """Say before a step what it is, its whole command, and whether it is skipped."""
    console.rule(f"{pipeline.name}: {_called(visit.step, pipeline)}", align="left")
    if visit.pinned is not None and visit.decision is not None:
        command = f"{PROGRAM} {shlex.join(visit.pinned.lines)}"
        for line in (command, _said(visit.decision)):
            console.print(Text(clean(line)), soft_wrap=True)


def row(visit: Visit) -> dict[str, Any]:
    """A step for `pipeline.json`: what it is, by which hash it was looked for, what was there."""
    step, decision, pinned = visit.step, visit.decision, visit.pinned
    return {
        "step": step.name,
        "seed": step.seed,
        "round": step.round,
        "state": None if decision is None else decision.state,
        "key": None if decision is None else decision.key,
        "name": None if pinned is None else pinned.run.name,
        "folder": None if decision is None or not decision.folder else str(decision.folder.path),
        "command": None if pinned is None else shlex.join(pinned.lines),
    }


def show(pipeline: Pipeline, visits: Sequence[Visit], console: Console) -> None:
    """The plan: each step, what would be done with it, and its command, never broken."""
    for visit in visits:
        if visit.pinned is None:
            command = shlex.join(visit.step.lines)
        else:
            command = f"{PROGRAM} {shlex.join(visit.pinned.lines)}"
        head = Text(_called(visit.step, pipeline), style="bold")
        said = Text(clean(f": {_said(visit.decision)}"))
        console.print(head + said, soft_wrap=True)
        console.print(Text(clean(f"  {command}")), soft_wrap=True)
    rounds = pipeline.rounds
    if rounds is not None:
        most = counted(rounds.most, "round")
        said = Text(f"at most {most}, until one is no gain over the best; each from {rounds.from_}")
        console.print(said, soft_wrap=True)


def _called(step: Step, pipeline: Pipeline) -> str:
    seed = f"seed {step.seed}, " if len(pipeline.seeds) > 1 else ""
    return f"{seed}{step.called}"


def _said(decision: Decision | None) -> str:
    if decision is None:
        return "waits for a step before it"
    if decision.folder is None:
        return f"to be run (hash {decision.key})"
    place = path(Path(decision.folder.path))
    if decision.state == "finished":
        return f"skipped: finished with the same hash {decision.key}, in {place}"
    step = decision.folder.resume_step()
    return f"goes on {f'at step {step}' if step >= 0 else 'from its beginning'} in {place}"
