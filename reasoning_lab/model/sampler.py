"""Write completions with a model, reproducibly.

Greedy at temperature 0, otherwise a draw from the pure model (no top-k, no top-p, no penalty,
whatever the model's generation config says). Each completion has its own stream of random
numbers, made from the seed and its place among the prompts: neither the batch size nor the other
prompts change what is drawn, beyond rounding, and the global random state is never touched.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

import torch
from transformers import DynamicCache, PreTrainedModel

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.load import Loaded
from reasoning_lab.runs.stop import stop
from reasoning_lab.text.example import Completion, Message


@dataclass(frozen=True, slots=True)
class _Row:
    """One completion to write: the prompt's token ids, and which (prompt, sample) it is."""

    ids: list[int]
    prompt: int
    sample: int


def sample(
    loaded: Loaded,
    prompts: Sequence[Sequence[Message]],
    *,
    temperature: float,
    max_completion_length: int,
    batch_size: int,
    seed: int,
    samples: int = 1,
    on_batch: Callable[[int], None] | None = None,
) -> list[list[Completion]]:
    """`samples` completions for each prompt, in the order of `prompts`.

    A completion's `tokens` counts all that the model wrote, its end-of-turn token included, as
    the trainer counts; its text leaves that token out, and begins with the `<think>` that the
    prompt's template opened, if it did. `on_batch` is told after each batch how many completions
    it wrote. Raises `ArtifactError` when a prompt and its completion do not fit into the model, and
    `Stopped` between two batches when the run was told to stop.
    """
    rows = [
        _Row(ids, place, k)
        for place, ids in enumerate(encode(loaded, prompts))
        for k in range(samples)
    ]
    _check_room(loaded, rows, max_completion_length)
    rows.sort(key=lambda row: len(row.ids))
    written: dict[tuple[int, int], Completion] = {}
    with _evaluating(loaded.model), torch.inference_mode():
        for start in range(0, len(rows), batch_size):
            stop.check()
            batch = rows[start : start + batch_size]
            noise = _noise(batch, seed, max_completion_length) if temperature > 0 else None
            outputs = _decode(loaded, batch, temperature, max_completion_length, noise)
            for row, ids in zip(batch, outputs, strict=True):
                written[row.prompt, row.sample] = _completion(loaded, ids)
            if on_batch is not None:
                on_batch(len(batch))
    return [[written[place, k] for k in range(samples)] for place in range(len(prompts))]


def encode(loaded: Loaded, prompts: Sequence[Sequence[Message]]) -> list[list[int]]:
    """Token ids of each prompt, with the opening of the assistant's turn.

    The tokenizer is `loaded`'s own, with the chat template that the run chose.
    """
    return [
        loaded.tokenizer.apply_chat_template(
            list(prompt), add_generation_prompt=True, return_dict=True
        )["input_ids"]
        for prompt in prompts
    ]


def _check_room(loaded: Loaded, rows: Sequence[_Row], max_completion_length: int) -> None:
    room = getattr(loaded.model.config, "max_position_embeddings", None)
    longest = max((len(row.ids) for row in rows), default=0)
    if room is not None and longest + max_completion_length > room:
        raise ArtifactError.one(
            "stage.evaluation.max_completion_length",
            f"a prompt of {longest} tokens and {max_completion_length} more do not fit into the"
            f" model's {room}",
            "choose a model with a longer context, or data with prompts of at most"
            f" {max(room - max_completion_length, 0)} tokens",
        )


@contextmanager
def _evaluating(model: PreTrainedModel) -> Iterator[None]:
    """Switch dropout and gradient checkpointing off, and back to how it was."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def _noise(batch: Sequence[_Row], seed: int, steps: int) -> torch.Tensor:
    """Uniform numbers in [0, 1), shape (rows, steps), one stream for each row."""
    streams = []
    for row in batch:
        digest = blake2b(f"{seed}/{row.prompt}/{row.sample}".encode(), digest_size=7).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest, "big"))
        streams.append(torch.rand(steps, generator=generator))
    return torch.stack(streams)


def _decode(
    loaded: Loaded,
    batch: Sequence[_Row],
    temperature: float,
    steps: int,
    noise: torch.Tensor | None,
) -> list[list[int]]:
    """Token ids of each row's completion, its end-of-turn token included when there is one.

    Finished rows leave the batch once they are a quarter of it, so that a few long completions
    do not keep the short ones computing.
    """
    model, device = loaded.model, loaded.model.device
    ids, mask = (tensor.to(device) for tensor in _left_pad(batch, loaded.tokenizer.pad_token_id))
    stops = torch.tensor(loaded.eos_ids, device=device)
    uniform = None if noise is None else noise.to(device)
    position = (mask.cumsum(-1) - 1).clamp_min(0)
    cache = DynamicCache(config=model.config)
    alive = torch.arange(len(batch), device=device)
    stopped = torch.zeros(len(batch), dtype=torch.bool, device=device)
    tokens = torch.full((len(batch), steps), -1, device=device)
    for step in range(steps):
        logits = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=position,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        ids = _choose(logits, temperature, None if uniform is None else uniform[alive, step])
        tokens[alive, step] = torch.where(stopped, -1, ids)
        stopped |= torch.isin(ids, stops)
        finished = int(stopped.sum())
        if finished == len(stopped):
            break
        ids, position = ids[:, None], position[:, -1:] + 1
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=-1)
        if finished * 4 >= len(stopped):
            keep = (~stopped).nonzero()[:, 0]
            cache.batch_select_indices(keep)
            ids, position, mask, alive, stopped = (
                tensor[keep] for tensor in (ids, position, mask, alive, stopped)
            )
    return [[token for token in row if token >= 0] for row in tokens.tolist()]


def _left_pad(batch: Sequence[_Row], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, shape (rows, longest prompt), padded on the left."""
    width = max(len(row.ids) for row in batch)
    ids = [[pad] * (width - len(row.ids)) + row.ids for row in batch]
    mask = [[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in batch]
    return torch.tensor(ids), torch.tensor(mask)


def _choose(logits: torch.Tensor, temperature: float, uniform: torch.Tensor | None) -> torch.Tensor:
    """The next token of each row: the likeliest, or the one at quantile `uniform`."""
    likeliest = logits.argmax(-1)
    if uniform is None:
        return likeliest
    mass = torch.softmax(logits.float() / temperature, dim=-1).cumsum(-1)
    target = uniform[:, None] * mass[:, -1:]
    drawn = torch.searchsorted(mass, target, right=True)[:, 0]
    return torch.where(drawn < mass.shape[-1], drawn, likeliest)


def _completion(loaded: Loaded, ids: list[int]) -> Completion:
    stopped = bool(ids) and ids[-1] in loaded.eos_ids
    text = loaded.tokenizer.decode(
        ids[:-1] if stopped else ids,
        skip_special_tokens=True,
        clean_up_tokenization_spaces=False,
    )
    return Completion(
        text=loaded.opening + text, tokens=len(ids), finish="stop" if stopped else "length"
    )
