"""Whether prompts and completions fit into the model, looked at before anything is measured."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reasoning_lab.errors import DataError
from reasoning_lab.measure.ask import asked
from reasoning_lab.model import contract
from reasoning_lab.model.encode import encode
from reasoning_lab.model.load import Loaded
from reasoning_lab.schema.data import TooLong
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.way import WAYS
from reasoning_lab.text.example import Example, Message

SHORTEST = 16  # tokens that the shortest worked answer takes, so that advice is worth following
DROP = "use data.too_long=drop to leave such rows out"


@dataclass(frozen=True, slots=True)
class Fitting:
    """The examples that fit, in their order, and what is to be said of the others: one sentence, or
    none where all fit."""

    kept: list[Example]
    notes: list[str]


def fitting(
    loaded: Loaded,
    examples: Sequence[Example],
    limit: int,
    key: str,
    too_long: TooLong,
    part: str = "held-out",
) -> Fitting:
    """The examples whose prompt leaves room for a completion of `limit` tokens in the context.

    `key` is the setting that `limit` stands in, `part` the word for these rows. Raises DataError
    where one does not fit and `too_long` is `refuse`, or where none does; it names the first, how
    many there are, and what would fit.
    """
    context = getattr(loaded.model.config, "max_position_embeddings", None)
    if context is None:
        return Fitting(list(examples), [])
    room = context - limit
    lengths = _lengths(loaded, examples, room)
    longest = max(lengths.values(), default=0)

    def refusal(first: Example, length: int, counted: str) -> DataError:
        cure = (
            f"choose a model with a longer context, or data with prompts of at most {room} tokens"
        )
        cure = (
            f"use {key}={context - longest}, or {cure}" if context - longest >= SHORTEST else cure
        )
        what = (
            f"a prompt of {length:,} tokens and a completion of up to {limit:,} ({key}) do not fit "
            f"into the model's context of {context:,} ({counted})"
        )
        return DataError.one(f"data row {first.id}", what, cure)

    long = {place: length for place, length in lengths.items() if length > room}
    return without_long(examples, long, too_long, f"{part} rows", refusal)


def fitting_ways(
    loaded: Loaded, examples: Sequence[Example], evaluation: Evaluation, too_long: TooLong
) -> Fitting:
    """The held-out examples that fit in each way, whose prompt may hold a marker of its own.

    Raises DataError as `fitting` does, and ArtifactError as `require_turns` does.
    """
    kept, notes = list(examples), list[str]()
    tried = set[tuple[str | None, int]]()
    for name, way in evaluation.ways.items():
        limit = evaluation.longest(way)
        if (way.mode, limit) in tried:
            continue
        tried.add((way.mode, limit))
        own = way.max_completion_length is not None
        key = f"{WAYS}.{name}" if own else "stage.evaluation"
        put = asked(kept, way)
        require_turns(loaded, put)
        fits = fitting(loaded, put, limit, f"{key}.max_completion_length", too_long)
        there = {id(one) for one in fits.kept}
        kept = [one for one, other in zip(kept, put, strict=True) if id(other) in there]
        notes += fits.notes
    return Fitting(kept, notes)


def without_long(
    examples: Sequence[Example],
    long: dict[int, int],
    too_long: TooLong,
    rows: str,
    refusal: Callable[[Example, int, str], DataError],
) -> Fitting:
    """The examples but those that are too long, given by place with their lengths in tokens.

    Raises `refusal(first, its length, how many)` where they are not to be dropped, or nothing would
    be left; `rows` is the word for these rows.
    """
    if not long:
        return Fitting(list(examples), [])
    first = min(long)
    all_of_them = len(long) == len(examples)
    counted = f"{len(long):,} of {len(examples):,} {rows} do not"
    if too_long == "refuse" or all_of_them:
        error = refusal(examples[first], long[first], counted)
        (problem,) = error.problems
        cure = problem.cure if all_of_them else f"{DROP}; or {problem.cure}"
        raise DataError.one(problem.where, problem.what, cure)
    kept = [example for place, example in enumerate(examples) if place not in long]
    note = (
        f"dropped {len(long):,} of {len(examples):,} {rows}, too long for the model: the first is "
        f"{examples[first].id} with {long[first]:,} tokens (data.too_long=drop)"
    )
    return Fitting(kept, [note])


def require_turns(loaded: Loaded, examples: Iterable[Example]) -> None:
    """Raise ArtifactError where the chat template refuses the turns of a prompt, such as a system
    turn; one prompt of each kind is tried.
    """
    kinds = {_roles(example.prompt): example for example in examples}
    for example in kinds.values():
        contract.check_turns(loaded.tokenizer, example.prompt, f"data row {example.id}")


def _lengths(loaded: Loaded, examples: Sequence[Example], room: int) -> dict[int, int]:
    """Tokens of each prompt that may be longer than `room`, by its place.

    A token is at least one byte of UTF-8, so most prompts need not be encoded: they fit.
    """
    around: dict[tuple[str, ...], int] = {}
    found: list[int] = []
    for place, example in enumerate(examples):
        roles = _roles(example.prompt)
        if roles not in around:
            around[roles] = _around(loaded, example)
        if _bytes(example.prompt) + around[roles] > room:
            found.append(place)
    ids = encode(loaded, [examples[place].prompt for place in found])
    return {place: len(row) for place, row in zip(found, ids, strict=True)}


def _around(loaded: Loaded, example: Example) -> int:
    """Bytes that the template puts around the turns of such a prompt."""
    text = loaded.tokenizer.apply_chat_template(
        list(example.prompt), add_generation_prompt=True, tokenize=False
    )
    return max(0, len(text.encode(errors="replace")) - _bytes(example.prompt)) + _MARGIN


_MARGIN = 64
"""Bytes to spare: what a template trims of one prompt it may keep of another."""


def _bytes(prompt: Sequence[Message]) -> int:
    return sum(len(message["content"].encode(errors="replace")) for message in prompt)


def _roles(prompt: Sequence[Message]) -> tuple[str, ...]:
    return tuple(message["role"] for message in prompt)
