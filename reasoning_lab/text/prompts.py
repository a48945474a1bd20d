"""Building the chat that a model is asked with."""

from dataclasses import replace

from reasoning_lab.text.example import Example, Message


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
