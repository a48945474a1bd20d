"""The one way in which the lab lets a model write: `stream`, and `sample` that collects it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from reasoning_lab.sampling.engine import Engine, Listed, Source
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key, Request, Sampled, requests_for
from reasoning_lab.sampling.resuming import Missing
from reasoning_lab.sampling.store import Store
from reasoning_lab.text.example import Completion, Message


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream is: completions done, how many there will be (None: not known), how many of
    them were sampled now and not stored before, the tokens of these, and seconds since it began.
    """

    done: int
    total: int | None
    sampled: int
    tokens: int
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """Tokens written in a second of wall time.

        >>> Progress(done=5, total=20, sampled=5, tokens=300, seconds=2.0).tokens_per_second
        150.0
        """
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the pace so far; None where it cannot be known.

        >>> Progress(done=5, total=20, sampled=5, tokens=300, seconds=2.0).seconds_left
        6.0
        """
        if self.total is None or self.sampled == 0:
            return None
        return self.seconds / self.sampled * (self.total - self.done)


def stream(
    requests: Iterable[Request] | Source,
    engine: Engine,
    params: Params,
    *,
    store: Store | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[Sampled]:
    """A completion for each request, as they are finished, in no promised order.

    `requests` is a list, or a source that makes new ones ready as answers come. What `store` holds
    is not sampled again; what is sampled is in it before it is given. `on_progress` is told after
    each completion that is sampled. Raises ValueError where a key is asked for twice.
    """
    source, total = _source(requests)
    tally = _Tally(total, on_progress)
    if store is None:
        for sampled in engine.stream(source, params):
            yield sampled
            tally.add(sampled)
        return
    missing = Missing(source, store)
    while True:
        for sampled in engine.stream(missing, params):
            missing.add(sampled)
            yield sampled
            tally.add(sampled)
            yield from tally.kept(missing.stored())
        # Where all that was ready is stored, the engine saw nothing; answers may make more ready.
        again = list(missing.stored())
        yield from tally.kept(again)
        if not again:
            return


class _Tally:
    """Counts what a stream gives, and tells of it."""

    def __init__(self, total: int | None, told: Callable[[Progress], None] | None) -> None:
        self._total, self._told = total, told
        self._began, self._done, self._sampled, self._tokens = perf_counter(), 0, 0, 0

    def add(self, sampled: Sampled) -> None:
        """A completion that was sampled now."""
        self._done += 1
        self._sampled += 1
        self._tokens += sampled.completion.tokens
        if self._told is not None:
            seconds = perf_counter() - self._began
            self._told(Progress(self._done, self._total, self._sampled, self._tokens, seconds))

    def kept(self, stored: Iterable[Sampled]) -> Iterator[Sampled]:
        """Completions that were stored before."""
        for sampled in stored:
            yield sampled
            self._done += 1


def sample(
    requests: Sequence[Request],
    engine: Engine,
    params: Params,
    *,
    store: Store | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> list[Sampled]:
    """`stream`, collected in the order of `requests`."""
    coming = stream(requests, engine, params, store=store, on_progress=on_progress)
    found = {one.key: one for one in coming}
    return [found[request.key] for request in requests]


def sample_prompts(
    prompts: Sequence[Sequence[Message]],
    engine: Engine,
    params: Params,
    *,
    samples: int = 1,
    store: Store | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> list[list[Completion]]:
    """`samples` completions for each prompt, in their order; keys are the prompts' places.

    `on_done` is told how many completions are done more than before, those in `store` included, and
    how many tokens were written for them now.
    """
    told = tokens = 0

    def tell(progress: Progress) -> None:
        nonlocal told, tokens
        if on_done is not None:
            on_done(progress.done - told, progress.tokens - tokens)
        told, tokens = progress.done, progress.tokens

    requests = requests_for(prompts, samples)
    found = iter(sample(requests, engine, params, store=store, on_progress=tell))
    if on_done is not None and told < len(requests):
        on_done(len(requests) - told, 0)  # those that were stored and came last
    return [[next(found).completion for _ in range(samples)] for _ in prompts]


def _source(requests: Iterable[Request] | Source) -> tuple[Source, int | None]:
    if not isinstance(requests, Iterable):
        return requests, None
    listed = list(requests)
    seen: set[Key] = set()
    for request in listed:
        if request.key in seen:
            raise ValueError(f"asked for twice: {request.key.label}")
        seen.add(request.key)
    return Listed(listed), len(listed)
