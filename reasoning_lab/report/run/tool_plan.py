"""The plan of a tool: what it reads, what it asks, where the results go."""

from __future__ import annotations

from collections.abc import Iterator

from reasoning_lab.schema.run import Run


def rows(run: Run, reward: str, data: str, results: str) -> Iterator[tuple[str, str]]:
    """Label and text of each line; `reward`, `data` and `results` are already in words."""
    if run.score is not None:
        yield "reads", str(run.score.path)
        yield "reward", reward
    if run.audit is not None:
        yield "reward", reward
        yield "data", data
        margin = run.audit.margin
        earns = f"at most {margin:g} more than an honest wrong answer" if margin else "nothing"
        yield "attacks", f"{run.audit.problems:,} problems · an exploit may earn {earns}"
        yield "seed", str(run.seed)
    if run.replay is not None:
        yield "reads", f"the stored completions of {run.replay.path}"
        yield "reward", reward
    if run.samples is not None:
        yield "reads", f"the stored completions of {run.samples.path}"
    yield "results", results
