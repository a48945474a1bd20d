"""Prompts as token ids, as the model is asked."""

from collections.abc import Sequence

from reasoning_lab.model.load import Loaded
from reasoning_lab.text.example import Message


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
