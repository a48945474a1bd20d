"""`stage=replay`: what other terms or weights would have paid for completions that are there.

Read top to bottom: the stored completions of a GRPO run are matched with their examples (made
again from that run's own data configuration), judged by the reward of this run in the groups they
were sampled in, and compared with what was paid. Needs no torch and no model: a hundred steps take
seconds, so a sweep over weights can be screened before anything is trained.

Not covered: what a model would have written under the other reward. Replay says how each step
would have pushed, not where that would have led.
"""

from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Literal, cast

from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.rollout import Rollout, read_rollouts
from reasoning_lab.replaying.doubts import Doubts, bounds_then, yes_no_then
from reasoning_lab.replaying.figures import Figures, Judged
from reasoning_lab.replaying.files import (
    CHANGED,
    CURVE,
    REWARDS,
    MostChanged,
    Table,
    curve_rows,
    reward_rows,
)
from reasoning_lab.replaying.stored import Stored, advantages_of, examples_of, group_key, survey
from reasoning_lab.rewards import code
from reasoning_lab.rewards.advantage import advantages
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.source import Source, find
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.replay import Replay
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.training import screen


def run(run: Run, folder: RunFolder) -> Manifest:
    """Judge the stored completions of the source by the reward of `run`; see the module."""
    source = find(cast(Replay, run.stage).path, Path(run.output))
    with Sandboxes() as sandboxes:
        composer = Composer(run.reward, sandboxes)
        screen.start(sandboxes, code.rooms(run.reward))
        stored = survey(source)
        examples = examples_of(source, stored.asked)
        composer.check(list(examples.values()))
        before = source.config["reward"]
        then = yes_no_then(composer.yes_no, before, run.reward)
        bounds = composer.bounds
        earlier = bounds_then(bounds, before, run.reward)
        figures = Figures(then, composer.yes_no, earlier, bounds)
        doubts = Doubts(before, run.reward)
        most, curve = MostChanged(), StringIO()
        with (folder.path / REWARDS).open("w", encoding="utf-8", newline="") as file:
            tables = Table(curve, curve_rows), Table(file, reward_rows)
            for step in judged(source, stored, examples, composer):
                for taker in (figures, doubts, most, *tables):
                    taker.add(step)
        write_text(folder.path / CURVE, curve.getvalue())
        most.write(folder.path / CHANGED)
        return collect(
            run,
            folder,
            kind="report",
            metrics=figures.estimates(),
            artifacts={"curve": CURVE, "rewards": REWARDS, "changed": CHANGED},
            parents=[source.parent],
            started=process_start(),
            notes=[*stored.notes(source), *doubts.notes()],
            sandboxes=sandboxes.used(),
        )


def judged(
    source: Source, stored: Stored, examples: Mapping[str, Example], composer: Composer
) -> Iterator[list[Judged]]:
    """The completions of one step after the other, as they were paid and as they would be."""
    scale = advantages_of(source)
    for _, of_step in groupby(read_rollouts(source.folder.samples), key=lambda one: one.step):
        rows = [one for one in of_step if group_key(one) in stored.whole]
        if not rows:
            continue
        groups = [group_key(one) for one in rows]
        scores = composer.score_batch(
            [(_completion(one), examples[one.id]) for one in rows], groups
        )
        then = advantages([one.total for one in rows], groups, scale=scale)
        now = advantages([score.total for score in scores], groups, scale=scale)
        yield [
            Judged(one, score, recomputed, advantage)
            for one, score, recomputed, advantage in zip(rows, scores, then, now, strict=True)
        ]


def _completion(one: Rollout) -> Completion:
    finish: Literal["stop", "length"] = "stop" if one.finish == "stop" else "length"
    return Completion(one.text, one.tokens, finish)
