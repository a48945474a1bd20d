"""Estimates against published values, SciPy, and the laws they must obey."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.statistics.interval import (
    Estimate,
    difference_interval,
    distinguishable,
    mean_interval,
    paired_difference,
    proportion,
)
from reasoning_lab.statistics.quantiles import normal_quantile, t_quantile

UNIT = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # its mirror at the other end
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_table(successes: int, n: int, low: float, high: float) -> None:
    estimate = proportion(successes, n)
    assert estimate.low == pytest.approx(low, abs=5e-5)
    assert estimate.high == pytest.approx(high, abs=5e-5)
    assert (estimate.value, estimate.n) == (successes / n, n)


@given(st.integers(1, 10_000), st.data())
def test_wilson_laws(n: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    estimate, mirror = proportion(successes, n), proportion(n - successes, n)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate.low < estimate.high
    assert mirror.low == pytest.approx(1 - estimate.high, abs=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.9999])
@pytest.mark.parametrize("df", [1, 2, 3, 4, 10, 29, 30, 499, 1318, 100_000])
def test_t_quantile_agrees_with_scipy(p: float, df: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    assert t_quantile(p, df) == pytest.approx(float(stats.t.ppf(p, df)), rel=1e-9, abs=1e-9)


def test_normal_quantile() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "value", "low", "high"),
    [
        # by hand: mean ± t(0.975, n-1) · s / sqrt(n)
        ([1.0, 2.0, 3.0], 2.0, 2 - 4.302653 / math.sqrt(3), 2 + 4.302653 / math.sqrt(3)),
        # nothing is known of how they vary
        ([0.5, 0.5, 0.5], 0.5, None, None),
        ([0.1, 0.1, 0.1], 0.1, None, None),
        ([0.25], 0.25, None, None),
    ],
)
def test_mean_table(
    values: list[float], value: float, low: float | None, high: float | None
) -> None:
    estimate = mean_interval(values)
    assert estimate.value == value
    assert estimate.low == (low if low is None else pytest.approx(low, abs=1e-5))
    assert estimate.high == (high if high is None else pytest.approx(high, abs=1e-5))


@pytest.mark.parametrize(
    ("values", "bounds", "low", "high"),
    [
        # few and skewed: 93 ± 9.5 and 3 ± 12.7 tokens, of which only 0 to 96 can be
        ([96.0, 96.0, 96.0, 84.0], (0.0, 96.0), 83.45266, 96.0),
        ([2.0, 4.0], (0.0, 96.0), 0.0, 15.7062),
        ([1.1, 1.1, 1.1, 0.0], (0.0, 1.1), 0.0, 1.1),
        # within the range it is the plain interval
        ([0.4, 0.5, 0.6], (0.0, 1.0), 0.25159, 0.74841),
    ],
)
def test_a_mean_stays_within_its_range(
    values: list[float], bounds: tuple[float, float], low: float, high: float
) -> None:
    estimate = mean_interval(values, bounds=bounds)
    assert estimate.low == pytest.approx(low, abs=1e-4)
    assert estimate.high == pytest.approx(high, abs=1e-4)
    assert not estimate.is_constant


def test_a_difference_of_rates_stays_within_its_range() -> None:
    found = paired_difference([0.0, 0.0, 0.0], [1.0, 1.0, 0.0], bounds=(-1.0, 1.0))
    assert found.high == 1.0
    assert found.low == pytest.approx(-0.7675, abs=1e-4)


def test_what_moved_alike_without_bounds_is_taken_at_its_word() -> None:
    found = paired_difference([0.0, 0.0], [1.0, 1.0])
    assert (found.low, found.high) == (1.0, 1.0)
    assert distinguishable(found)


@pytest.mark.parametrize(
    ("moved", "n", "low", "high"),
    [
        (1.0, 2, -0.6838, 1.0),
        (1.0, 5, -0.0436, 1.0),
        (1.0, 6, 0.0814, 1.0),
        (-1.0, 6, -1.0, -0.0814),
        (0.0, 2, -0.8419, 0.8419),
        (0.0, 200, -0.0183, 0.0183),
        (0.1, 500, 0.0919, 0.1066),
    ],
)
def test_what_moved_alike_leaves_open_what_so_few_can(
    moved: float, n: int, low: float, high: float
) -> None:
    """The lower ends are below 0 for as few as a two-sided sign test takes for chance."""
    before = [0.3 + place / 7 for place in range(n)]  # so that differences are rounded otherwise
    after = [value + moved for value in before]
    found = paired_difference(before, after, bounds=(-1.0, 1.0))
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)
    assert distinguishable(found) == (moved != 0 and n > 5)
    assert found.unmoved == (moved == 0)


def test_as_many_better_as_worse_is_not_unmoved() -> None:
    assert not difference_interval([1.0, -1.0, 0.0], bounds=(-1.0, 1.0)).unmoved
    assert difference_interval([0.0, 0.0]).unmoved


def test_a_record_says_unmoved_only_where_it_is() -> None:
    moved, unmoved = difference_interval([0.5, 0.2]), difference_interval([0.0, 0.0])
    assert set(moved.model_dump()) == {"value", "low", "high", "n"}
    assert Estimate.model_validate(unmoved.model_dump()) == unmoved
    assert not Estimate.model_validate({**moved.model_dump()}).unmoved


@given(st.lists(UNIT, min_size=2, max_size=50))
def test_mean_laws(values: list[float]) -> None:
    free, cut = mean_interval(values), mean_interval(values, bounds=(0.0, 1.0))
    if min(values) == max(values):
        assert free == cut
        assert free.is_constant
        return
    assert free.low <= free.value <= free.high
    assert 0 <= cut.low <= cut.value <= cut.high <= 1
    assert free.n == len(values)


@given(st.lists(st.tuples(UNIT, UNIT), min_size=2, max_size=50))
def test_paired_difference_is_antisymmetric(pairs: list[tuple[float, float]]) -> None:
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    up, down = paired_difference(before, after), paired_difference(after, before)
    assert up.value == pytest.approx(-down.value, abs=1e-12)
    assert up.low == pytest.approx(-down.high, abs=1e-12)
    assert distinguishable(up) == distinguishable(down)


@given(moved=st.floats(-1, 1), n=st.integers(2, 300), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_an_interval_of_equal_differences_has_a_width(
    moved: float, n: int, confidence: float
) -> None:
    found = difference_interval([moved] * n, confidence, (-1.0, 1.0))
    more = difference_interval([moved] * (n + 1), confidence, (-1.0, 1.0))
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.value == pytest.approx(moved)
    assert more.high - more.low < found.high - found.low


def test_pairing_sees_what_two_intervals_do_not() -> None:
    before = [0.0, 1.0] * 50
    after = [min(1.0, value + 0.1 * (place % 3 > 0)) for place, value in enumerate(before)]
    paired = paired_difference(before, after)
    assert distinguishable(paired)
    one, other = mean_interval(before), mean_interval(after)
    assert other.low < one.high  # the two intervals overlap


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 0.2, True),
        (-0.2, -0.1, True),
        (-0.1, 0.1, False),
        (0.0, 0.1, False),
        (None, None, False),
    ],
)
def test_distinguishable(low: float | None, high: float | None, expected: bool) -> None:
    assert distinguishable(Estimate(value=0.1, low=low, high=high, n=5)) is expected


@pytest.mark.parametrize(
    "bad",
    [
        lambda: proportion(1, 0),
        lambda: proportion(3, 2),
        lambda: mean_interval([]),
        lambda: mean_interval([math.nan, 1.0]),
        lambda: paired_difference([1.0], [1.0, 0.0]),
        lambda: t_quantile(0.4, 3),
        lambda: t_quantile(0.9, 0),
    ],
)
def test_refuses(bad: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"need|undefined|finite|not the same"):
        bad()
