"""Problems made on the fly by one task of reasoning-gym, or of the lab itself.

Indexes 0, 1, 2, … of one stream are walked; the content rule of `data.split` says where each
problem goes, until both splits are full. Repeated problems are passed over.
"""

import json
from collections.abc import Callable
from typing import Any

from reasoning_lab.data.makers import Maker, open_maker
from reasoning_lab.data.split import Splits, Told, is_heldout, key
from reasoning_lab.data.tasks import Source, create, stream_seed
from reasoning_lab.data.traces import trace
from reasoning_lab.errors import DataError, LabError
from reasoning_lab.schema.data import Mixture, Procedural
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.text.example import Example

Build = Callable[[dict[str, Any], int, str], Example]  # (entry, index, id) -> Example


def own_makers(data: Procedural | Mixture) -> dict[str, Maker]:
    """The makers of the lab's own tasks in `data`, by the part's name; "" where there are no parts.

    Raises DataError for parameters that they cannot serve.
    """
    if isinstance(data, Procedural):
        own = {"": (data.task, data.params, stream_seed(data.task, data.seed), "data")}
    else:
        own = {
            name: (part.task, part.params, part_seed(data, name), f"data.parts.{name}")
            for name, part in data.parts.items()
        }
    return {name: open_maker(*one) for name, one in own.items() if one[0] in OWN_TASKS}


def part_seed(data: Mixture, name: str) -> int:
    """The seed of a part's stream. It depends on its own name, so two parts of one task differ."""
    return stream_seed(data.parts[name].task, name, data.seed)


def load(data: Procedural, told: Told | None = None) -> Splits:
    """Both splits of a procedural data set, with worked steps where the task has a writer.

    Raises DataError if the task or its parameters are wrong, or if it has too few problems.
    """
    if made := own_makers(data).get(""):
        return walk(made, data.train_size, data.heldout_size, made.example, told=told)
    source = create(data.task, data.params, stream_seed(data.task, data.seed))

    def build(entry: dict[str, Any], index: int, name: str) -> Example:
        kept = {"answer": entry["answer"], "metadata": _plain(entry.get("metadata"))}
        return Example(
            id=name,
            prompt=({"role": "user", "content": entry["question"]},),
            answer=gold(entry),
            task=data.example_task,
            trace=trace(data.task, entry),
            meta={"task": data.task, "params": data.params, "index": index, "entry": kept},
        )

    return walk(source, data.train_size, data.heldout_size, build, told=told)


def walk(
    source: Source | Maker,
    train: int,
    heldout: int,
    build: Build,
    repeats: bool = False,
    label: str = "",
    told: Told | None = None,
) -> Splits:
    """Draw until there are `train` and `heldout` problems.

    All are different, save that with `repeats` a training problem may come as often as the task
    draws it. An id is `label` (or the task), split, index in the stream and the start of the
    question's hash: `chain_sum-train-17-1f3a9c`.

    Raises DataError when far more draws than problems found so far brought nothing new.
    """
    found: dict[bool, list[Example]] = {False: [], True: []}  # is it held out -> examples
    wanted = {False: train, True: heldout}
    seen: set[int] = set()
    index = fruitless = 0
    while len(found[False]) < train or len(found[True]) < heldout:
        entry = source.draw(index)
        question_key = key(entry["question"])
        split = is_heldout(question_key)
        once = split or not repeats
        if len(found[split]) == wanted[split] or (once and question_key in seen):
            fruitless += 1
            if fruitless > 1000 + 5 * len(seen):
                raise _too_small(source, found, wanted)
        else:
            fruitless = 0
            if once:
                seen.add(question_key)
            name = f"{label or source.task}-{'heldout' if split else 'train'}-{index}"
            found[split].append(build(entry, index, f"{name}-{question_key >> 40:06x}"))
            if told is not None:
                told(1)
        index += 1
    return Splits(train=found[False], heldout=found[True])


def gold(entry: dict[str, Any]) -> str:
    """The gold answer as text; empty for a task that has no single right answer."""
    answer = entry["answer"]
    return "" if answer is None else str(answer)


def _plain(metadata: Any) -> Any:
    """Metadata as they are if JSON can hold them, else with foreign values as text."""
    try:
        json.dumps(metadata)
    except (TypeError, ValueError):
        return json.loads(json.dumps(metadata, default=str, skipkeys=True))
    return metadata


def _too_small(
    source: Source | Maker, found: dict[bool, list[Example]], wanted: dict[bool, int]
) -> LabError:
    return DataError.one(
        f"{source.where}.params",
        f"the task `{source.task}` has too few different problems: found {len(found[False])} of "
        f"{wanted[False]} for training and {len(found[True])} of {wanted[True]} held out",
        "widen the task's parameters, or lower the sizes",
    )
