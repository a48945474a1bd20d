"""Shares over problems: the right interval in each case, and the quantiles behind it."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from reasoning_lab.statistics.bootstrap import bootstrap_mean
from reasoning_lab.statistics.interval import proportion
from reasoning_lab.statistics.quantiles import beta_quantile, normal_cdf
from reasoning_lab.statistics.rates import ENOUGH, exact_share, share_of

TABLE = Path(__file__).parents[2] / "experiments" / "coverage.csv"
SHARES = some.lists(some.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 200), (3, 200), (5, 10), (200, 200)])
def test_the_exact_interval_is_that_of_clopper_and_pearson(successes: int, n: int) -> None:
    found = exact_share(successes, n)
    exact = stats.binomtest(successes, n).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


@given(some.floats(0.001, 0.999), some.floats(0.05, 300), some.floats(0.05, 300))
def test_beta_quantiles_are_those_of_scipy(p: float, a: float, b: float) -> None:
    assert beta_quantile(p, a, b) == pytest.approx(stats.beta.ppf(p, a, b), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("z", [-6.0, -1.0, 0.0, 2.5])
def test_the_normal_distribution_is_that_of_scipy(z: float) -> None:
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)


def test_yes_or_no_is_wilsons_where_there_is_enough_and_exact_where_not() -> None:
    for right, n in ((6, 200), (7, 20), (100, 200)):
        enough = right * (1 - right / n) >= ENOUGH
        expected = proportion(right, n) if enough else exact_share(right, n)
        assert share_of([1.0] * right + [0.0] * (n - right)) == expected
    assert share_of([0.0] * 200) == exact_share(0, 200)
    assert share_of([1.0]) == exact_share(1, 1)


def test_shares_of_problems_are_resampled_problem_by_problem() -> None:
    values = [0.25, 0.75, 1.0, 0.0] * 50
    found = share_of(values)
    assert found == bootstrap_mean(values) == share_of(values), "the seed is fixed"
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.05)


def test_the_bootstrap_is_that_of_scipy() -> None:
    values = np.random.default_rng(1).beta(0.4, 2.0, 80)
    for kind, method in (("bca", "BCa"), ("percentile", "percentile")):
        found = bootstrap_mean(list(values), kind=kind)
        other = stats.bootstrap(
            (values,), np.mean, n_resamples=20_000, method=method, rng=np.random.default_rng(2)
        ).confidence_interval
        assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=0.006)


def test_few_problems_with_shares_are_at_least_as_wide_as_if_all_answers_were_alike() -> None:
    found = share_of([0.25] * 4)
    assert found == exact_share(1.0, 4)
    assert (found.low, found.high) == (exact_share(1, 4).low, exact_share(1, 4).high)


@given(SHARES)
def test_a_share_lies_in_its_interval_within_bounds_and_has_a_width(values: list[float]) -> None:
    found = share_of(values)
    assert found.n == len(values)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high > found.low
    turned = share_of([1 - value for value in values])
    if found.value * len(values) * (1 - found.value) < ENOUGH:
        assert (turned.low, turned.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)


@pytest.mark.parametrize("values", [[], [-0.1], [1.1, 0.0]])
def test_what_is_no_share_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="need values"):
        share_of(values)


@pytest.mark.parametrize("values", [[], [float("nan")], [1.0, float("inf")]])
def test_what_is_no_number_is_not_resampled(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        bootstrap_mean(values)


@pytest.mark.parametrize("values", [[0.3], [0.3, 0.3]])
def test_values_that_do_not_vary_have_no_bootstrap(values: list[float]) -> None:
    found = bootstrap_mean(values)
    assert (found.low, found.high, found.n) == (None, None, len(values))


@pytest.mark.parametrize(("p", "a", "b"), [(0.0, 1, 1), (1.0, 1, 1), (0.5, 0, 1), (0.5, 1, -1)])
def test_quantiles_outside_are_refused(p: float, a: float, b: float) -> None:
    with pytest.raises(ValueError, match="need"):
        beta_quantile(p, a, b)


@pytest.mark.parametrize("n", [10, 20, 50, 120])
def test_the_rule_covers_at_least_93_percent_whatever_the_truth(n: int) -> None:
    every = [share_of([1.0] * right + [0.0] * (n - right)) for right in range(n + 1)]
    for p in np.arange(1, 100) / 100:
        chance = stats.binom.pmf(range(n + 1), n, p)
        held = [one.low <= p <= one.high for one in every]
        assert float(chance @ held) > 0.93, p


def test_the_shipped_coverage_is_what_the_page_says() -> None:
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wilson = [row for row in rows if row["interval"] == "Wilson"]
    assert len(wilson) == 24
    for row in wilson:
        away = abs(float(row["coverage"]) - float(row["exact"]))
        assert away < 4 * float(row["error"]), row
    clustered = [
        row for row in rows if row["interval"] == "BCa" and row["problems"] == "200"
        and row["p"] == "0.5"
    ]  # fmt: skip
    assert len(clustered) == 4
    assert all(0.93 <= float(row["coverage"]) <= 0.97 for row in clustered)
    assert all(float(row["coverage"]) > 0.925 for row in rows if row["interval"] == "lab")
