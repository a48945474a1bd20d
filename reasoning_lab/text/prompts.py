"""Building the chat that a model is asked with."""

import re
from dataclasses import replace
from typing import Literal

from reasoning_lab.text.example import Example, Message

MARKER = re.compile(r"(?<!\S)/(no_)?think(?!\S)")
"""`/think` or `/no_think`, alone between blanks; it asks for a mode in any turn but the model's."""


def question_of(example: Example) -> str:
    """The problem itself: the last user turn, without system turns or markers."""
    for message in reversed(example.prompt):
        if message["role"] == "user":
            return message["content"]
    raise ValueError(f"example {example.id} has no user turn")


def with_system(example: Example, system_prompt: str | None) -> Example:
    r"""The example with the model's system prompt in front; itself where there is none.

    A system turn that the example already has (a `/think` marker) stays, on its own line below
    the prompt, since chat templates take one system turn at most.

    >>> row = Example("a", ({"role": "system", "content": "/think"},), "")
    >>> with_system(row, "Be brief.").prompt
    ({'role': 'system', 'content': 'Be brief.\n/think'},)
    """
    if system_prompt is None or not system_prompt.strip():
        return example
    own = [turn["content"] for turn in example.prompt if turn["role"] == "system"]
    rest = tuple(turn for turn in example.prompt if turn["role"] != "system")
    system: Message = {"role": "system", "content": "\n".join([system_prompt, *own])}
    return replace(example, prompt=(system, *rest))


def with_mode(example: Example, mode: Literal["think", "no_think"] | None) -> Example:
    r"""The example that asks to think, or not to; itself where `mode` is None.

    The marker stands in the system turn, on a line of its own, where SmolLM3 and Qwen3 look for it
    (the lab's own models know `/think` there). A marker that the example has already gives way to
    it: of two, models heed the last.

    >>> row = Example("a", ({"role": "user", "content": "6 * 7? /no_think"},), "42")
    >>> [turn["content"] for turn in with_mode(row, "think").prompt]
    ['/think', '6 * 7?']
    """
    if mode is None:
        return example
    turns = [turn if turn["role"] == "assistant" else _unmarked(turn) for turn in example.prompt]
    said = [turn["content"] for turn in turns if turn["role"] == "system" and turn["content"]]
    rest = tuple(turn for turn in turns if turn["role"] != "system")
    system: Message = {"role": "system", "content": "\n".join([*said, f"/{mode}"])}
    return replace(example, prompt=(system, *rest))


def _unmarked(turn: Message) -> Message:
    """The turn without markers, and without the blanks that stood before them."""
    if not MARKER.search(turn["content"]):
        return turn
    lines = [MARKER.sub("", line).rstrip() for line in turn["content"].split("\n")]
    return {"role": turn["role"], "content": "\n".join(lines).strip()}
