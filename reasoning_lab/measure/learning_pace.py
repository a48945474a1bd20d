"""What learning costs here: one forward and backward pass over completions, on the clock."""

import math
from collections.abc import Sequence
from time import perf_counter

import torch

from reasoning_lab.model.encode import encode
from reasoning_lab.model.load import Loaded
from reasoning_lab.text.example import Completion, Message

ROWS = 8
"""Rows that are timed; memory stays that of a small micro-batch."""
PASSES = 4


def seconds_per_token_learned(
    loaded: Loaded, rows: Sequence[tuple[Sequence[Message], Completion]]
) -> float:
    """Seconds to learn from one token of prompt and completion, with all weights trained.

    The policy's loss is stood in for by the mean log-probability of the tokens, which costs the
    same. The fastest of `PASSES` counts, so that other work on the machine counts least. Weights
    and gradients are left as they were.

    Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("there is nothing to time")
    model, words = loaded.model, loaded.tokenizer
    batch = rows[:ROWS]
    prompts = encode(loaded, [prompt for prompt, _ in batch])
    texts = [words(done.text, add_special_tokens=False)["input_ids"] for _, done in batch]
    ids = [[*asked, *said] for asked, said in zip(prompts, texts, strict=True)]
    width = max(map(len, ids))
    padded = [row + [words.pad_token_id] * (width - len(row)) for row in ids]
    tokens_BT = torch.tensor(padded, device=model.device)
    mask_BT = torch.tensor(
        [[1] * len(row) + [0] * (width - len(row)) for row in ids], device=model.device
    )
    wanted = [weight.requires_grad for weight in model.parameters()]
    seconds = math.inf
    try:
        model.requires_grad_(True)
        for _ in range(PASSES):
            started = perf_counter()
            logits_BTV = model(input_ids=tokens_BT, attention_mask=mask_BT).logits[:, :-1]
            logps_BTV = torch.log_softmax(logits_BTV.float(), dim=-1)
            logps_BT = logps_BTV.gather(-1, tokens_BT[:, 1:, None])[..., 0]
            (logps_BT * mask_BT[:, 1:]).sum().backward()
            if model.device.type == "cuda":
                torch.cuda.synchronize(model.device)
            seconds = min(seconds, perf_counter() - started)
    finally:
        model.zero_grad(set_to_none=True)
        for weight, was in zip(model.parameters(), wanted, strict=True):
            weight.requires_grad_(was)
    return seconds / sum(map(len, ids))
