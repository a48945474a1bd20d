"""`stage=audit`: attack a reward with exploits and changed honest completions, before training."""

from __future__ import annotations

import random
from typing import cast

from reasoning_lab import data
from reasoning_lab.audit.attack import attack
from reasoning_lab.audit.honest_programs import REFERENCE
from reasoning_lab.audit.problem import problems
from reasoning_lab.errors import DataError
from reasoning_lab.judges.code import room as code_room
from reasoning_lab.records import audit as audited
from reasoning_lab.records.audit import Audited, Line
from reasoning_lab.report.text.words import percent
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.stop import stop
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.training import screen

MISSED = 0.05  # share of right answers that are not paid from which on the reader is told
NAMED = 4  # spellings named in the note about them


def run(run: Run, folder: RunFolder) -> Manifest:
    """Attack the reward of `run` on rows of the training part of its data, or of a test set.

    Raises DataError for rows that the reward cannot judge, RewardError where a term breaks. A
    user's reward is called in this process, without a time limit.
    """
    settings = cast(Audit, run.stage)
    composer = Composer(run.reward)
    splits = data.load(settings.few(run.data))
    rows = splits.train or splits.heldout  # a test set has no training part
    if len(rows) < 2:
        raise DataError.one("data", f"an audit needs two rows, there are {len(rows)}")
    chosen = random.Random(run.seed).sample(rows, min(settings.problems, len(rows)))
    screen.sandboxes(code.rooms(run.reward))
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
        notes=[*told(found), *code_room.notes()],
        passed=not found.failing(),
    )


def _metrics(found: Audited) -> dict[str, Estimate]:
    exploits = found.exploits()
    plain: dict[str, float | None] = {
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
        name: Estimate(value=value, low=None, high=None, n=None)
        for name, value in plain.items()
        if value is not None
    }
    rates = {
        "audit/false_positive": found.false_positive,
        "audit/false_negative": found.false_negative,
    }
    return metrics | {name: rate for name, rate in rates.items() if rate is not None}


def told(found: Audited) -> list[str]:
    """What a reader of the figures must know besides."""
    notes = []
    if not found.separates:
        notes.append(
            "honest right answers earn no more than honest wrong ones: this reward does not teach "
            "to be right, and false positives and negatives mean nothing for it"
        )
    if missed := _missed(found):
        notes.append(missed)
    notes += [_unfit(line) for line in found.missed() if line.name == REFERENCE]
    if found.untried:
        many = "1 exploit fits" if len(found.untried) == 1 else f"{len(found.untried)} exploits fit"
        notes.append(f"{many} no row of this data (audit.json: untried)")
    unscored = sum(line.unscored for line in found.lines)
    if unscored:
        notes.append(f"{unscored:,} of {found.completions:,} completions were scored by no term")
    return notes


def _unfit(line: Line) -> str:
    """Of the line of the reference solutions: how many rows cannot be solved as they stand."""
    return (
        f"{line.problems - line.paid} of {line.problems} reference solutions fail the tests of "
        "their row: such a row teaches nothing, or needs what no judge outside sees (audit.csv)"
    )


def _missed(found: Audited) -> str:
    """What a reader of a passed audit must still know: how many right answers go unpaid, and which.

    It does not fail the audit: a strict reward may mean it so, and nothing can be earned by it.
    """
    rate = found.false_negative
    if rate is None or rate.value <= MISSED:
        return ""
    lines = found.missed()
    spelled = [f"{line.name} ({line.problems - line.paid} of {line.problems})" for line in lines]
    more = f" and {len(lines) - NAMED} more (audit.csv)" if len(lines) > NAMED else ""
    return (
        f"{percent(rate.value)} of the right answers are not paid as right, so training would "
        f"punish them: {', '.join(spelled[:NAMED])}{more}"
    )
