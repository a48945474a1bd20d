"""What an engine is: it takes requests where it has room for them and gives completions."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Request, Sampled


class Source(Protocol):
    """Where an engine takes its requests from.

    `take` is asked again after every completion that was given: an answer may make new requests
    ready. A source that has nothing ready while nothing is being written is at its end.
    """

    def take(self, most: int) -> Sequence[Request]:
        """At most `most` requests that are ready now; none is given twice."""
        ...


class Engine(Protocol):
    """Something that lets a model write.

    `invariant`: a completion depends on weights, prompt, params and key alone, bit for bit,
    whatever else is being written beside it and in whatever order. `identity`: a short text that
    differs where another model, tokenizer or chat template writes; stored results carry it.
    """

    @property
    def name(self) -> str:
        """The engine's word, as `engine=` takes it."""
        ...

    @property
    def invariant(self) -> bool:
        """See the class."""
        ...

    @property
    def identity(self) -> str:
        """See the class."""
        ...

    def stream(self, source: Source, params: Params) -> Iterator[Sampled]:
        """One completion for each request, as they are finished, in no promised order."""
        ...


class Listed:
    """A source that knows all its requests beforehand.

    >>> from reasoning_lab.sampling.request import requests_for
    >>> source = Listed(requests_for([[{"role": "user", "content": "1 + 1?"}]], 3))
    >>> len(source.take(2)), len(source.take(2)), len(source.take(2))
    (2, 1, 0)
    """

    def __init__(self, requests: Iterable[Request]) -> None:
        self._left = deque(requests)

    def take(self, most: int) -> list[Request]:
        """The next ones, in their order."""
        return [self._left.popleft() for _ in range(min(most, len(self._left)))]
