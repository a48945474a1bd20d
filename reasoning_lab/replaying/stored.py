"""What a replay reads: which groups are stored whole, and the examples that they answer."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from reasoning_lab import data
from reasoning_lab.errors import ArtifactError, DataError
from reasoning_lab.records.rollout import Rollout, read_rollouts
from reasoning_lab.runs.source import Source
from reasoning_lab.schema.data import Data
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.stages.reinforcing import Advantages, Reinforcing
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import with_system

GroupKey = tuple[int, "int | str"]
OTHER_VERSION = "it was stored by another version of the lab: train again with this one"


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
            OTHER_VERSION,
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


def advantages_of(source: Source) -> Advantages:
    """How the rewards of the source became advantages.

    Raises ArtifactError where they depend on more than the rewards.
    """
    where = str(source.folder.run_json)
    try:
        stage = VERBS[source.stage["kind"]].model_validate_json(json.dumps(source.stage))
    except (KeyError, ValidationError) as error:
        what = f"its stage is not described as this version of the lab does it: {error}"
        raise ArtifactError.one(where, what, "train again") from error
    found = stage.advantages() if isinstance(stage, Reinforcing) else None
    if found is None:
        what = "its advantages depend on more than its rewards, so they cannot be made again"
        raise ArtifactError.one(where, what, "name a run whose stage.beta is 0")
    return found
