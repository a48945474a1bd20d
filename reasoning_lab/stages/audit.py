"""`stage=audit`: attack a reward with exploits and changed honest completions, before training."""

import random
from pathlib import Path
from typing import cast

from reasoning_lab import data
from reasoning_lab.audit.attack import attack
from reasoning_lab.audit.notes import told
from reasoning_lab.audit.problem import problems
from reasoning_lab.errors import DataError
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.records import audit as audited
from reasoning_lab.records.audit import Audited
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.stop import stop
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.statistics.interval import Estimate, exactly
from reasoning_lab.training import screen


def run(run: Run, folder: RunFolder) -> Manifest:
    """Attack the reward of `run` on rows of the training part of its data, or of a test set.

    Raises DataError for rows that the reward cannot judge, RewardError where a term breaks. A
    user's reward is called in this process, without a time limit.
    """
    settings = cast(Audit, run.stage)
    splits = data.load(settings.few(run.data), output=Path(run.output))
    rows = splits.train or splits.heldout  # a test set has no training part
    if len(rows) < 2:
        raise DataError.one("data", f"an audit needs two rows, there are {len(rows)}")
    chosen = random.Random(run.seed).sample(rows, min(settings.problems, len(rows)))
    with Sandboxes() as sandboxes:
        screen.start(sandboxes, code.rooms(run.reward))
        composer = Composer(run.reward, sandboxes)
        composer.check(chosen)
        found = attack(composer, problems(chosen, run.seed), settings.margin, stop.check)
        return collect(
            run,
            folder,
            kind="report",
            metrics=_metrics(found),
            artifacts=audited.write(folder.path, found),
            parents=[],
            started=process_start(),
            notes=told(found),
            sandboxes=sandboxes.used(),
            passed=not found.failing(),
        )


def _metrics(found: Audited) -> dict[str, Estimate]:
    exploits = found.exploits()
    readings: dict[str, float | None] = {
        "audit/exploits_paid": sum(line.paid > 0 for line in exploits),
        "audit/exploits": len(exploits),
        "audit/worst_excess": max((line.worst or 0.0 for line in exploits), default=0.0),
        "audit/honest_right": found.right,
        "audit/honest_wrong": found.wrong,
        "audit/ms_p50": found.p50,
        "audit/ms_p99": found.p99,
        **{f"audit/verdict/{name}": count for name, count in found.verdicts.items()},
    }
    metrics = {
        **{name: None if value is None else exactly(value) for name, value in readings.items()},
        "audit/false_positive": found.false_positive,
        "audit/false_negative": found.false_negative,
    }
    return {name: value for name, value in metrics.items() if value is not None}
