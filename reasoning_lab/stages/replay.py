"""`stage=replay`: what other terms or weights would have paid for completions that are there.

Read top to bottom: the stored completions of a GRPO run are matched with their examples (made
again from that run's own data configuration), judged by the reward of this run in the groups they
were sampled in, and compared with what was paid. Needs no torch and no model: a hundred steps take
seconds, so a sweep over weights can be screened before anything is trained.

Not covered: what a model would have written under the other reward. Replay says how each step
would have pushed, not where that would have led.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, cast

from pydantic import TypeAdapter, ValidationError

from reasoning_lab import data
from reasoning_lab.errors import ArtifactError, DataError
from reasoning_lab.judges.code import room as code_room
from reasoning_lab.records.rollout import Rollout, read_rollouts
from reasoning_lab.replaying.doubts import Doubts, bounds_then, yes_no_then
from reasoning_lab.replaying.figures import Figures, Judged
from reasoning_lab.replaying.files import CHANGED, CURVE, REWARDS, Curve, MostChanged, Rewards
from reasoning_lab.rewards import code
from reasoning_lab.rewards.advantage import Scale, advantages
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.source import Source, find
from reasoning_lab.schema.data import Data
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.replay import Replay
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.prompts import with_system
from reasoning_lab.training import screen

GroupKey = tuple[int, "int | str"]


def run(run: Run, folder: RunFolder) -> Manifest:
    """Judge the stored completions of the source by the reward of `run`; see the module."""
    source = find(cast(Replay, run.stage).path, Path(run.output))
    composer = Composer(run.reward)
    screen.sandboxes(code.rooms(run.reward))
    stored = survey(source)
    examples = examples_of(source, stored.asked)
    composer.check(list(examples.values()))
    before = source.config["reward"]
    then = yes_no_then(composer.yes_no, before, run.reward)
    bounds = composer.bounds
    earlier = bounds_then(bounds, before, run.reward)
    figures = Figures(then, composer.yes_no, earlier, bounds)
    doubts = Doubts(before, run.reward)
    curve, most = Curve(), MostChanged()
    with (folder.path / REWARDS).open("w", encoding="utf-8", newline="") as file:
        rewards = Rewards(file)
        for step in judged(source, stored, examples, composer):
            for taker in (figures, doubts, curve, most, rewards):
                taker.add(step)
    curve.write(folder.path / CURVE)
    most.write(folder.path / CHANGED)
    return collect(
        run,
        folder,
        kind="report",
        metrics=figures.estimates(),
        artifacts={"curve": CURVE, "rewards": REWARDS, "changed": CHANGED},
        parents=[source.parent],
        started=process_start(),
        notes=[*stored.notes(source), *doubts.notes(), *code_room.notes()],
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored, before anything is judged.

    `asked`: one completion of each example, by the example's id. `whole`: the keys of the groups
    all of whose completions are there; `partial`: how many others there are.
    """

    asked: Mapping[str, Rollout]
    whole: frozenset[GroupKey]
    partial: int

    def notes(self, source: Source) -> list[str]:
        """What a reader must know about the run that was read."""
        found = source.notes()
        if self.partial:
            groups = "1 group" if self.partial == 1 else f"{self.partial:,} groups"
            found.append(
                f"left out: {groups} not all of whose completions are stored (several devices "
                "shared them, or the run was cut off)"
            )
        return found


def survey(source: Source) -> Stored:
    """Look through all stored completions once.

    Raises ArtifactError where they say too little to be judged again, and without a whole group.
    """
    sizes: Counter[GroupKey] = Counter()
    asked: dict[str, Rollout] = {}
    for one in read_rollouts(source.folder.samples):
        sizes[group_key(one)] += 1
        asked.setdefault(one.id, one)
    wanted = source.stage.get("num_generations")
    whole = frozenset(key for key, size in sizes.items() if size == wanted)
    if not whole:
        raise ArtifactError.one(
            str(source.folder.samples),
            f"holds no whole group of {wanted} completions",
            "name a run that took at least one step",
        )
    return Stored(asked, whole, len(sizes) - len(whole))


def group_key(one: Rollout) -> GroupKey:
    """Step and group; raises ArtifactError where the completion does not say its group."""
    if one.group is None:
        raise ArtifactError.one(
            one.where,
            "does not say which group the completion was sampled in",
            "it was stored by another version of the lab: train again with this one",
        )
    return one.step, one.group


def examples_of(source: Source, asked: Mapping[str, Rollout]) -> dict[str, Example]:
    """The examples that the stored completions answer, made again, by id.

    Raises ArtifactError if the run's data configuration is not one, DataError if the data cannot
    be had any more or are not what they were.
    """
    try:
        plain = json.dumps(source.config["data"])
        setting: Data = TypeAdapter(Data).validate_json(plain)
    except (KeyError, ValidationError) as error:
        what = f"its data are not described as this version of the lab does it: {error}"
        raise ArtifactError.one(str(source.folder.run_json), what, "train again") from error
    system = source.config["model"].get("system_prompt")
    made = {one.id: with_system(one, system) for one in data.load(setting).train if one.id in asked}
    for name, stored in asked.items():
        example = made.get(name)
        same = example and (example.prompt[-1]["content"], example.answer)
        if same != (stored.question, stored.gold):
            what = "is another problem now" if example else "is not in the run's data any more"
            raise DataError.one(
                stored.where,
                f"the example {name} {what}",
                "the data, or how the lab reads them, "
                "changed since the training: bring them back, or train again",
            )
    return made


def judged(
    source: Source, stored: Stored, examples: Mapping[str, Example], composer: Composer
) -> Iterator[list[Judged]]:
    """The completions of one step after the other, as they were paid and as they would be."""
    scale = cast(Scale, source.stage["scale_rewards"])
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
