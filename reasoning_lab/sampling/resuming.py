"""Requests without those that a store already holds."""

from collections.abc import Iterator

from reasoning_lab.sampling.engine import Source
from reasoning_lab.sampling.request import Key, Request, Sampled
from reasoning_lab.sampling.store import Store


class Missing:
    """A source of what `store` does not hold; what it holds comes out of `stored`."""

    def __init__(self, source: Source, store: Store) -> None:
        self._source, self._store = source, store
        self._held: list[Key] = []
        self._open: dict[Key, Request] = {}

    def take(self, most: int) -> list[Request]:
        """At most `most` requests that are not stored."""
        found: list[Request] = []
        while len(found) < most and (ready := self._source.take(most - len(found))):
            for request in ready:
                if self._store.holds(request):
                    self._held.append(request.key)
                else:
                    found.append(request)
        self._open.update((request.key, request) for request in found)
        return found

    def add(self, sampled: Sampled) -> None:
        """Store what was sampled for a request that was taken here."""
        self._store.add(self._open.pop(sampled.key), sampled)

    def stored(self) -> Iterator[Sampled]:
        """What the store holds of the requests that were passed over, each once."""
        while self._held:
            yield self._store.read(self._held.pop())
