from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from writing import Pure, params, request

from reasoning_lab.sampling.request import Request
from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import Progress, sample, sample_prompts, stream

REQUESTS = [request(f"p{place}", sample) for place in range(5) for sample in range(3)]


def test_samples_come_in_the_order_of_their_requests() -> None:
    found = sample(REQUESTS, Pure(order=3), params())
    assert [one.key for one in found] == [one.key for one in REQUESTS]
    assert len({one.completion.text for one in found}) == len(REQUESTS)


def test_prompts_are_answered_in_their_order_and_counted() -> None:
    told: list[tuple[int, int]] = []
    prompts = [one.prompt for one in REQUESTS[::3]]
    found = sample_prompts(
        prompts, Pure(), params(), samples=2, on_done=lambda *more: told.append(more)
    )
    assert [len(row) for row in found] == [2] * 5
    assert sum(done for done, _ in told) == 10
    assert sum(tokens for _, tokens in told) == sum(one.tokens for row in found for one in row)
    assert found[1][1] == sample([request("1", 1, "What is p1?")], Pure(), params())[0].completion


def test_no_requests_give_nothing() -> None:
    assert sample([], Pure(), params()) == []
    assert sample_prompts([], Pure(), params()) == []


def test_a_key_asked_for_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="p0/0"):
        list(stream([REQUESTS[0], REQUESTS[0]], Pure(), params()))


def test_progress_counts_what_is_done_and_what_was_sampled_now(tmp_path: Path) -> None:
    told: list[Progress] = []
    with Store(tmp_path / "s", Pure(), params()) as store:
        sample(REQUESTS[:4], Pure(), params(), store=store)
        sample(REQUESTS, Pure(), params(), store=store, on_progress=told.append)
    last = told[-1]
    assert (last.total, last.sampled) == (15, 11)
    assert 11 <= last.done <= 15
    assert all(a.tokens < b.tokens for a, b in pairwise(told))


class Chained:
    """Makes the next sample of a problem ready once the one before was told."""

    def __init__(self, problems: Sequence[str], samples: int) -> None:
        self.ready = [request(problem, 0) for problem in problems]
        self.samples = samples

    def take(self, most: int) -> list[Request]:
        taken, self.ready = self.ready[:most], self.ready[most:]
        return taken

    def tell(self, problem: str, sample: int) -> None:
        if sample + 1 < self.samples:
            self.ready.append(request(problem, sample + 1))


@pytest.mark.parametrize("stored", [0, 4, 12])
def test_answers_may_ask_for_more_whether_stored_or_not(tmp_path: Path, stored: int) -> None:
    keys = [(f"p{place}", index) for index in range(4) for place in range(3)]
    with Store(tmp_path / "s", Pure(), params()) as store:
        sample([request(*key) for key in keys[:stored]], Pure(), params(), store=store)
        source, engine, given = Chained(["p0", "p1", "p2"], 4), Pure(), []
        for one in stream(source, engine, params(), store=store):
            given.append((one.key.problem, one.key.sample))
            source.tell(*given[-1])
    assert sorted(given) == sorted(keys)
    assert len(engine.written) == len(keys) - stored
