"""Pipelines whose runs are made by a pen: what a step would leave is written without training.

What such a run makes follows from its configuration and its parents alone, as it does in earnest.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from reasoning_lab.cli.pipeline_steps import check_steps, folded, pin_step
from reasoning_lab.pipelines.same import outcome_key
from reasoning_lab.pipelines.walk import Pinned, Visit, Way
from reasoning_lab.records.answer import Answer, Attempt, Problem, write_problems
from reasoning_lab.report.rounds.round import Round
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import collect
from reasoning_lab.schema.pipeline import Pipeline, pipeline_of
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.rates import share_of

Right = Callable[[Run], Sequence[bool]]
"""Which of the held-out problems a run has right."""

SHARED = ["hardware.threads=1", "tracker=none"]
ROUNDS: dict[str, Any] = {
    "base": "embedded:tiny",
    "before": "before",
    "from": "base",
    "most": 4,
    "way": "greedy",
    "model": "learn",
    "measured": "learn",
    "log": {"yield": "sample:reject/yield"},
    "steps": {
        "sample": ["stage=reject", "model=tiny", "model.path=run:best", "stage.seed={seed}"],
        "learn": (
            "stage=sft model=tiny model.path=run:from data=from_run data.path=run:sample".split()
        ),
    },
}


def plain(**changes: Any) -> dict[str, Any]:
    """A pipeline as YAML would say it: a base that is measured, then rounds."""
    found: dict[str, Any] = {
        "name": "small",
        "seeds": [0],
        "plan": False,
        "shared": SHARED,
        "steps": {"before": ["stage=evaluate", "model=tiny"]},
        "rounds": ROUNDS,
    }
    return found | changes


def rounds(**changes: Any) -> dict[str, Any]:
    return plain(rounds=ROUNDS | changes)


def pipeline(said: Mapping[str, Any], output: Path, *given: str) -> Pipeline:
    """The pipeline with what a command line says of its steps."""
    return folded(pipeline_of(said), [f"output={output}", *given])


def everything(run: Run) -> list[bool]:
    return [True] * 40


@dataclass
class Walked:
    """What a way through a pipeline came by."""

    visits: list[Visit] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    stopped: str | None = None

    def states(self) -> dict[str, str | None]:
        return {one.step.called: one.decision and one.decision.state for one in self.visits}


def walk(found: Pipeline, right: Right = everything, *, dry: bool = False) -> Walked:
    """Go through a pipeline for its first seed, each run made by a pen."""
    check_steps(found)
    output = Path(check_steps(found)[0].output)
    walked = Walked()

    def make(pinned: Pinned) -> int:
        walked.made.append(pinned.run.name)
        pen(pinned.run, right)
        return 0

    way = Way(
        pipeline=found,
        seed=found.seeds[0],
        output=output,
        pin=lambda step: pin_step(found, step),
        make=None if dry else make,
        seen=walked.visits.append,
        judged=lambda one: None,
    )
    way.go()
    walked.rounds, walked.stopped = way.rounds, way.stopped
    return walked


def pen(run: Run, right: Right = everything) -> RunFolder:
    """A finished run: weights or rows that follow from its configuration, answers to problems."""
    folder = RunFolder.create(run)
    text = outcome_key(run.model_dump(mode="json"))
    kind = run.stage.makes
    artifacts = {}
    if kind != "report":
        place = folder.path / kind
        place.mkdir()
        (place / "bytes").write_text(text)
        artifacts = {kind: kind}
    metrics = {}
    if kind in ("model", "report"):
        answers = right(run)
        _answered(folder, answers)
        metrics = {f"{'after/' * (kind == 'model')}greedy/pass@1": share_of([*map(float, answers)])}
    manifest = collect(
        run,
        folder,
        kind=kind,
        metrics=metrics,
        artifacts=artifacts,
        parents=[],
        started=perf_counter(),
    )
    manifest.write(folder)
    return folder


def _answered(folder: RunFolder, right: Sequence[bool]) -> None:
    problems = [
        Problem(
            id=f"p{number}",
            question=f"What is {number} + 1?",
            answer=str(number + 1),
            after=Attempt({"greedy": [Answer("x", one, "correct" if one else "wrong", 1, "stop")]}),
        )
        for number, one in enumerate(right)
    ]
    write_problems(folder.problems, problems)


def leaves(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Each value of a configuration by its dotted key."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            found |= leaves(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def with_leaf(tree: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a dotted key."""
    copy: dict[str, Any] = json.loads(json.dumps(tree))
    *path, last = key.split(".")
    node = copy
    for part in path:
        node = node[part]
    node[last] = value
    return copy
