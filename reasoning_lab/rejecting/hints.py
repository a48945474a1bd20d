"""Asking again with the answer given away: rationalisation (arXiv:2203.14465, section 3.2)."""

from reasoning_lab.text.example import Example, Message

HINTED = "#hint"
"""Ends the id under which a problem is asked with a hint: its samples are others."""


def hinted(example: Example) -> tuple[Message, ...]:
    """The prompt with the gold answer in the last user turn; of it only completions are kept.

    >>> row = Example("a", ({"role": "user", "content": "6 * 7?"},), "42")
    >>> hinted(row)[-1]["content"]
    '6 * 7? (The answer is 42.)'
    """
    *before, last = example.prompt
    said = f"{last['content']} (The answer is {example.answer}.)"
    return (*before, {"role": last["role"], "content": said})
