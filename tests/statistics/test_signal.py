import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.statistics.signal import signal_of, signal_share

PAID = st.lists(st.sampled_from([0.0, 0.2, 1.0]), min_size=2, max_size=9)


@given(PAID, st.data())
def test_it_is_the_share_of_all_subsets_that_differ(paid: list[float], data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(paid)))
    groups = [len(set(group)) > 1 for group in combinations(paid, size)]
    assert signal_of(paid, size) == pytest.approx(sum(groups) / len(groups))


@given(PAID)
def test_larger_groups_differ_no_less_often(paid: list[float]) -> None:
    shares = [signal_of(paid, size) for size in range(2, len(paid) + 1)]
    assert shares == sorted(shares)


def test_it_tells_what_fresh_groups_do() -> None:
    rates = [0.0, 0.02, 0.1, 0.3, 0.6, 1.0] * 50
    draw = random.Random(0)
    problems = [[float(draw.random() < rate) for _ in range(32)] for rate in rates]
    expected = sum(1 - rate**8 - (1 - rate) ** 8 for rate in rates) / len(rates)
    found = signal_share(problems, 8)
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high
    assert abs(found.value - expected) < 0.03


@pytest.mark.parametrize(("paid", "value"), [([0.0] * 4, 0.0), ([0.0, 1.0], 1.0)])
def test_where_all_problems_are_alike_the_interval_still_has_a_width(
    paid: list[float], value: float
) -> None:
    found = signal_share([paid] * 20, len(paid))
    assert found.value == value
    assert found.n == 20
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low > 0.1


@pytest.mark.parametrize("size", [1, 5])
def test_a_size_that_cannot_be_drawn_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=str(size)):
        signal_of([0.0, 1.0, 1.0, 0.0], size)
