import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.sampling.draw import choose, noise
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key


def params(**changes: object) -> Params:
    fields = {
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": 0,
        "max_completion_length": 40,
        "seed": 0,
        "stop": (),
        "max_think_tokens": None,
    }
    return Params(**(fields | changes))


PROBABILITIES = [0.1, 0.4, 0.0, 0.2, 0.3]

KEPT = [
    ({}, {0, 1, 3, 4}),
    ({"top_k": 1}, {1}),
    ({"top_k": 2}, {1, 4}),
    ({"top_k": 9}, {0, 1, 3, 4}),
    ({"top_p": 0.39}, {1}),
    ({"top_p": 0.41}, {1, 4}),
    ({"top_p": 0.69}, {1, 4}),
    ({"top_p": 0.71}, {1, 3, 4}),
    ({"top_p": 0.91}, {0, 1, 3, 4}),
    ({"top_k": 3, "top_p": 0.5}, {1, 4}),  # 0.4 of 0.9 is less than a half
    ({"top_k": 2, "top_p": 0.5}, {1}),
    ({"temperature": 1e-4}, {1}),
]


@pytest.mark.parametrize(("changes", "kept"), KEPT)
def test_which_tokens_can_be_drawn(changes: dict[str, object], kept: set[int]) -> None:
    steps = torch.arange(0, 1, 1 / 4096)
    logits = torch.tensor(PROBABILITIES).log().expand(len(steps), -1)
    drawn = choose(logits, steps, params(**changes))
    assert set(drawn.tolist()) == kept
    shares = torch.bincount(drawn, minlength=5) / len(steps)
    if "temperature" not in changes:
        wanted = torch.tensor([p if i in kept else 0.0 for i, p in enumerate(PROBABILITIES)])
        assert torch.allclose(shares, wanted / wanted.sum(), atol=1e-3)


def test_without_random_numbers_the_likeliest_is_taken() -> None:
    logits = torch.tensor([PROBABILITIES, PROBABILITIES[::-1]]).log()
    assert choose(logits, None, params(temperature=0.0)).tolist() == [1, 3]


@given(
    st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=9),
    st.floats(0, 1, exclude_max=True, width=32),
    st.sampled_from([0, 1, 2, 5]),
    st.sampled_from([0.01, 0.5, 0.99, 1.0]),
)
def test_a_row_is_drawn_alike_whatever_stands_beside_it(
    row: list[float], uniform: float, top_k: int, top_p: float
) -> None:
    rule = params(top_k=top_k, top_p=top_p)
    alone = choose(torch.tensor([row]), torch.tensor([uniform]), rule)
    others = torch.randn(6, len(row), generator=torch.Generator().manual_seed(0))
    others[3], uniforms = torch.tensor(row), torch.rand(6)
    uniforms[3] = uniform
    assert choose(others, uniforms, rule)[3] == alone[0]
    assert 0 <= int(alone) < len(row)


def test_each_key_has_a_stream_of_its_own() -> None:
    keys = [Key("a", 0), Key("a", 1), Key("b", 0)]
    streams = [noise(key, params()) for key in keys]
    assert all(len(one) == 40 and one.min() >= 0 and one.max() < 1 for one in streams)
    assert len({tuple(one.tolist()) for one in streams}) == 3
    assert torch.equal(streams[0], noise(keys[0], params()))
    assert not torch.equal(streams[0], noise(keys[0], params(seed=1)))
