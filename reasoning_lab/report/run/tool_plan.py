"""The plan of a tool: what it reads, what it asks, where the results go."""

from __future__ import annotations

from collections.abc import Iterator

from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.schema.stages.score import Score
from reasoning_lab.schema.stages.stored import ReadsStored


def rows(run: Run, reward: str, data: str, results: str) -> Iterator[tuple[str, str]]:
    """Label and text of each line; `reward`, `data` and `results` are already in words."""
    stage = run.stage
    if isinstance(stage, Score):
        yield "reads", str(stage.path)
    if isinstance(stage, ReadsStored):
        yield "reads", f"the stored completions of {stage.path}"
    if reward:
        yield "reward", reward
    if isinstance(stage, Audit):
        yield "data", data
        margin = stage.margin
        earns = f"at most {margin:g} more than an honest wrong answer" if margin else "nothing"
        yield "attacks", f"{stage.problems:,} problems · an exploit may earn {earns}"
        yield "seed", str(run.seed)
    yield "results", results
