"""What is asked of an engine, and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from reasoning_lab.text.example import Completion, Message


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which completion: `problem` is an id or a place among the prompts, `sample` counts from 0.

    With the seed it decides the random numbers of the completion, so it is never reused for
    another prompt within a stream.

    >>> Key("gsm8k-17", 3).label
    'gsm8k-17/3'
    """

    problem: str
    sample: int

    @property
    def label(self) -> str:
        """As it is written in files and messages."""
        return f"{self.problem}/{self.sample}"


@dataclass(frozen=True, slots=True)
class Request:
    """One completion to write: its key and the chat turns that it answers."""

    key: Key
    prompt: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One completion, and what the engine saw.

    `prompt_tokens`: length of the prompt in tokens; None where the engine does not say. `forced`:
    how many of the completion's tokens were put there to close thinking. `stopped_by`: the stop
    string that ended it and was cut off, or None.
    """

    key: Key
    completion: Completion
    prompt_tokens: int | None = None
    forced: int = 0
    stopped_by: str | None = None


def requests_for(prompts: Sequence[Sequence[Message]], samples: int) -> list[Request]:
    """`samples` requests for each prompt, keyed by the prompt's place.

    >>> turns = [[{"role": "user", "content": "1 + 1?"}]]
    >>> [request.key.label for request in requests_for(turns, 2)]
    ['0/0', '0/1']
    """
    return [
        Request(Key(str(place), sample), tuple(prompt))
        for place, prompt in enumerate(prompts)
        for sample in range(samples)
    ]
