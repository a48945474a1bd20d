"""Whether prompts and completions fit into the model, looked at before anything is measured."""

from collections.abc import Sequence

from reasoning_lab.errors import DataError
from reasoning_lab.model.load import Loaded
from reasoning_lab.model.sampler import encode
from reasoning_lab.text.example import Example

LOOKED_AT = 500  # the longest prompts by letters; one of them is the longest by tokens
SHORTEST = 16  # tokens that the shortest worked answer takes, so that advice is worth following


def require_room(loaded: Loaded, examples: Sequence[Example], limit: int, key: str) -> None:
    """Raise DataError where a prompt and `limit` tokens of completion exceed the model's context.

    `key` is the setting that `limit` stands in.
    """
    context = getattr(loaded.model.config, "max_position_embeddings", None)
    if context is None or not examples:
        return
    longest = sorted(examples, key=_letters)[-LOOKED_AT:]
    lengths = [len(ids) for ids in encode(loaded, [example.prompt for example in longest])]
    if max(lengths) + limit <= context:
        return
    left = context - max(lengths)
    cure = (
        f"choose a model with a longer context, or data with prompts of at most {context - limit} "
        "tokens"
    )
    raise DataError.one(
        "data",
        f"a prompt of {max(lengths):,} tokens and a completion of up to {limit:,} ({key}) do not "
        f"fit into the model's context of {context:,}",
        f"use {key}={left}, or {cure}" if left >= SHORTEST else cure,
    )


def _letters(example: Example) -> int:
    return sum(len(message["content"]) for message in example.prompt)
