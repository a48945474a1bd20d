"""Several procedural tasks in fixed shares, for supervised fine-tuning.

Each row is a prompt, a gold answer and, in mode `think`, worked steps; a part with a marker puts
it in a system turn, so that one model learns both modes. The split rule of `data.split` holds
across all parts: a problem may come more than once in training, as often as its task draws it
(so that a share of 1,000 rows of a task with 100 problems can be met), but never in both splits.
"""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from reasoning_lab.data.makers import Maker
from reasoning_lab.data.procedural import gold, own_makers, part_seed, walk
from reasoning_lab.data.split import Splits, Told
from reasoning_lab.data.tasks import create
from reasoning_lab.data.traces import require, trace
from reasoning_lab.schema.data import Mixture, Part
from reasoning_lab.text.example import Example, Message


def load(data: Mixture, told: Told | None = None) -> Splits:
    """Both splits of a mixture, the parts interleaved at random by `data.seed`.

    Raises DataError for an unknown task or parameter, for mode `think` where no steps can be
    written, and for a task with too few problems.
    """
    shares = {name: part.share for name, part in data.parts.items()}
    train, heldout = counts(shares, data.train_size), counts(shares, data.heldout_size)
    for name, part in data.parts.items():
        if part.mode == "think":
            require(part.task, f"data.parts.{name}")
    made = own_makers(data)
    parts = {
        name: _load_own(name, part, made[name], train[name], heldout[name], told)
        if name in made
        else _load_part(name, part, part_seed(data, name), train[name], heldout[name], told)
        for name, part in data.parts.items()
    }
    return Splits(
        train=_interleave({name: splits.train for name, splits in parts.items()}, data.seed),
        heldout=_interleave({name: splits.heldout for name, splits in parts.items()}, data.seed),
    )


def counts(shares: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole numbers in the proportion of `shares` that add up to `total` (largest remainder).

    >>> counts({"a": 2, "b": 1}, 10)
    {'a': 7, 'b': 3}
    """
    whole = sum(shares.values())
    exact = {name: total * share / whole for name, share in shares.items()}
    result = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(shares, key=lambda name: result[name] - exact[name])
    for name in by_remainder[: total - sum(result.values())]:
        result[name] += 1
    return result


def _load_own(
    name: str, part: Part, maker: Maker, train: int, heldout: int, told: Told | None
) -> Splits:
    """The rows of one part that the lab makes itself."""

    def build(entry: dict[str, Any], index: int, row: str) -> Example:
        example = maker.example(entry, index, row)
        return replace(
            example,
            prompt=(*_turns(part), *example.prompt),
            trace=example.trace if part.mode == "think" else None,
            meta={**example.meta, "part": name},
        )

    return walk(maker, train, heldout, build, repeats=True, label=name, told=told)


def _turns(part: Part) -> tuple[Message, ...]:
    """What stands before a part's questions."""
    return () if part.marker is None else ({"role": "system", "content": part.marker},)


def _load_part(
    name: str, part: Part, stream: int, train: int, heldout: int, told: Told | None
) -> Splits:
    """The rows of one part that reasoning-gym makes."""
    source = create(part.task, part.params, stream, f"data.parts.{name}")

    # Rows keep what draws their entry again, not the entry: a large mixture has 10^5 of them.
    def build(entry: dict[str, Any], index: int, row: str) -> Example:
        return Example(
            id=row,
            prompt=(*_turns(part), {"role": "user", "content": entry["question"]}),
            answer=gold(entry),
            trace=trace(part.task, entry) if part.mode == "think" else None,
            meta={
                "task": part.task,
                "params": part.params,
                "part": name,
                "stream": stream,
                "index": index,
            },
        )

    return walk(source, train, heldout, build, repeats=True, label=name, told=told)


def _interleave(parts: Mapping[str, list[Example]], seed: int) -> list[Example]:
    """All rows of all parts, each part in its own order, the parts mixed at random."""
    names = [name for name, rows in parts.items() for _ in rows]
    Random(seed).shuffle(names)
    rows = {name: iter(part) for name, part in parts.items()}
    return [next(rows[name]) for name in names]
