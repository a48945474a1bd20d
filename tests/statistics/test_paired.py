"""Tests for pairs against hand-counted tables, SciPy, and the laws they must obey."""

import math
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from reasoning_lab.statistics.alike import alike
from reasoning_lab.statistics.holm import holm
from reasoning_lab.statistics.interval import paired_difference
from reasoning_lab.statistics.paired import (
    EXACT_UP_TO,
    bootstrap,
    mcnemar,
    problems_needed,
)

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
COUNTS = st.integers(0, 400)
SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
SIDES = st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=40)
P_VALUES = st.lists(st.floats(0, 1), max_size=12)


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [
        (0, 0, 1.0),
        (0, 1, 1.0),
        (0, 5, 2 / 32),
        (0, 6, 2 / 64),
        (1, 9, 2 * (1 + 10) / 1024),
        (2, 8, 2 * (1 + 10 + 45) / 1024),
        (5, 5, 1.0),
        # The last number that is exact.
        (8, 17, 2 * sum(math.comb(25, k) for k in range(9)) / 2**25),
    ],
)
def test_mcnemar_counts_what_one_counts_by_hand(lost: int, gained: int, p: float) -> None:
    found = mcnemar(lost, gained)
    assert found.name == "McNemar, exact"
    assert found.p == pytest.approx(p, abs=1e-15)


def test_mid_p_of_fagerland_lydersen_and_laake() -> None:
    """Airway hyper-responsiveness, 1 and 7 discordant pairs: exact 0.070, mid-p 0.039 by their
    formula, exact p minus the probability of what was seen; beyond `EXACT_UP_TO` it is taken."""
    assert mcnemar(1, 7).p == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar(1, 7).p - math.comb(8, 1) / 2**8 == pytest.approx(0.0391, abs=5e-5)
    twice = 2 * sum(math.comb(26, k) for k in range(9)) / 2**26
    assert mcnemar(8, 18).name == "McNemar, mid-p"
    assert mcnemar(8, 18).p == pytest.approx(twice - math.comb(26, 8) / 2**26, abs=1e-15)


@given(COUNTS, COUNTS)
def test_mcnemar_agrees_with_scipy(lost: int, gained: int) -> None:
    found, n = mcnemar(lost, gained), lost + gained
    if n == 0:
        assert found.p == 1
    elif n <= EXACT_UP_TO:
        assert found.p == pytest.approx(binomtest(lost, n).pvalue, rel=1e-9)
    else:
        fewer = min(lost, gained)
        mid = 2 * binom.cdf(fewer, n, 0.5) - binom.pmf(fewer, n, 0.5)
        assert found.p == pytest.approx(min(1, mid), rel=1e-9, abs=1e-300)


@given(COUNTS, COUNTS)
def test_the_order_of_the_runs_does_not_matter(lost: int, gained: int) -> None:
    assert mcnemar(lost, gained) == mcnemar(gained, lost)
    assert 0 <= mcnemar(lost, gained).p <= 1


def test_many_discordant_problems_take_no_time() -> None:
    assert mcnemar(9_900, 10_100).p == pytest.approx(0.157, abs=0.002)


@given(SIDES, st.integers(0, 3))
def test_swapped_runs_differ_by_the_sign_alone(sides: list[tuple[float, float]], seed: int) -> None:
    old, new = (list(values) for values in zip(*sides, strict=True))
    there = [b - a for a, b in sides]
    back = [a - b for a, b in sides]
    assert bootstrap(there, seed=seed) == bootstrap(back, seed=seed)
    assert 0 <= bootstrap(there, seed=seed).p <= 1
    assert problems_needed(there) == problems_needed(back)
    one, other = (paired_difference(*pair, bounds=(-1, 1)) for pair in ((old, new), (new, old)))
    assert one.value == pytest.approx(-other.value, abs=1e-12)


@given(st.lists(SHARES, min_size=1, max_size=40))
def test_a_run_against_itself_is_unmoved(values: list[float]) -> None:
    assert paired_difference(values, values, bounds=(-1, 1)).unmoved
    none = [0.0] * len(values)
    assert bootstrap(none, seed=0).p == 1
    assert problems_needed(none) is None


def test_the_bootstrap_is_seeded_and_near_the_exact_test() -> None:
    moves = [1.0] * 32 + [-1.0] * 14 + [0.0] * 174
    first = bootstrap(moves, seed=0)
    assert first == bootstrap(list(reversed(moves)), seed=0)
    assert first != bootstrap(moves, seed=1)
    assert first.p == pytest.approx(mcnemar(14, 32).p, abs=0.004)


@pytest.mark.parametrize(("alike_moves", "p"), [([0.5], 1.0), ([0.5] * 6, 2 / 64), ([0.0], 1.0)])
def test_problems_that_all_moved_alike_are_a_sign_test(alike_moves: list[float], p: float) -> None:
    assert bootstrap(alike_moves, seed=0).p == p


def test_the_bootstrap_errs_as_often_as_it_says() -> None:
    """Of 400 comparisons of runs that are alike, about 5 % are called different."""
    import numpy as np

    draws = np.random.default_rng(12)
    found = 0
    for _ in range(400):
        ease = draws.random(100)
        sides = [draws.binomial(4, ease) / 4 for _ in range(2)]
        found += bootstrap((sides[1] - sides[0]).tolist(), seed=0).p < 0.05
    assert 8 <= found <= 33  # 99.9 % of a binomial of 400 at 0.05


@pytest.mark.parametrize("moves", [[], [math.nan], [math.inf, 0.0]])
def test_no_difference_without_finite_values(moves: list[float]) -> None:
    with pytest.raises(ValueError, match="difference"):
        bootstrap(moves, seed=0)


def test_problems_needed_by_hand() -> None:
    """Connor's formula: 30 % discordant, a difference of 10 points, 80 % power at 5 %."""
    moves = [1.0] * 20 + [-1.0] * 10 + [0.0] * 70
    wanted = (1.959964 * math.sqrt(0.3) + 0.841621 * math.sqrt(0.3 - 0.01)) ** 2 / 0.01
    assert problems_needed(moves) == math.ceil(wanted) == 234


def test_as_many_as_are_needed_have_the_power() -> None:
    """Of 600 comparisons with as many problems as are said to be needed, about 80 % find it."""
    import numpy as np

    moves = [1.0] * 12 + [-1.0] * 4 + [0.0] * 84
    n = problems_needed(moves)
    assert n is not None
    draws = np.random.default_rng(5).multinomial(n, [0.12, 0.04, 0.84], size=600)
    found = sum(mcnemar(int(lost), int(gained)).p < 0.05 for gained, lost, _ in draws)
    assert found / 600 == pytest.approx(0.8, abs=0.05)


def test_more_problems_for_stricter_levels_and_smaller_differences() -> None:
    moves = [1.0] * 20 + [-1.0] * 10 + [0.0] * 70
    assert problems_needed(moves, level=0.05 / 3) > problems_needed(moves)
    assert problems_needed([*moves, *([0.0] * 100)]) > problems_needed(moves)


@pytest.mark.parametrize(
    ("given_p", "adjusted"),
    [
        ([], []),
        ([0.3], [0.3]),
        # Five-, four- and threefold; then no less than the one before. As R's p.adjust has it.
        ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),
        # The example that the method is mostly explained by.
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.6, 0.9], [1.0, 1.0, 1.0]),
    ],
)
def test_holm_steps_down(given_p: list[float], adjusted: list[float]) -> None:
    assert holm(given_p) == pytest.approx(adjusted)


@given(P_VALUES)
def test_holm_only_raises_keeps_the_order_and_beats_bonferroni(given_p: list[float]) -> None:
    adjusted = holm(given_p)
    for before, after in zip(given_p, adjusted, strict=True):
        assert before <= after <= min(1.0, before * len(given_p))
    for (p, first), (q, second) in product(zip(given_p, adjusted, strict=True), repeat=2):
        assert p >= q or first <= second


@pytest.mark.parametrize("wrong", [[-0.1], [1.5, 0.2], [math.nan]])
def test_holm_takes_probabilities_only(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="p-value"):
        holm(wrong)


ORACLE = "statsmodels is not installed: no second opinion on McNemar and Holm"


def test_a_second_opinion() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason=ORACLE)
    several = pytest.importorskip("statsmodels.stats.multitest", reason=ORACLE)
    for lost, gained in [(0, 0), (0, 6), (1, 9), (5, 5), (8, 17)]:
        known = tables.mcnemar([[3, lost], [gained, 4]], exact=True).pvalue
        assert mcnemar(lost, gained).p == pytest.approx(min(1.0, known))
    for p_values in ([0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.9], [0.001, 0.3, 0.02, 0.02, 0.5]):
        assert holm(p_values) == pytest.approx(several.multipletests(p_values, method="holm")[1])


LETTERS = "abcdef"
PAIRS = [frozenset(pair) for pair in product(LETTERS, repeat=2) if pair[0] < pair[1]]


@given(st.sets(st.sampled_from(PAIRS)))
def test_two_runs_share_a_set_if_and_only_if_they_are_not_apart(apart: set[frozenset[str]]) -> None:
    sets = alike(LETTERS, apart)
    assert {name for one in sets for name in one} == set(LETTERS)
    for pair in PAIRS:
        assert any(pair <= set(one) for one in sets) == (pair not in apart)
    assert not [one for one in sets for other in sets if set(one) < set(other)]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The constructed table of `experiments/paired.md`."""
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    import paired_example

    return paired_example


def test_an_unpaired_test_misses_what_a_paired_one_finds(
    example: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = example.answers()
    assert len(first) == 220
    assert round(example.unpaired(first, second), 3) == 0.080
    assert round(mcnemar(example.LOST, example.GAINED).p, 3) == 0.008
    example.main()
    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    page = (EXPERIMENTS / "paired.md").read_text(encoding="utf-8").splitlines()
    shown = [line.strip() for line in page if line.startswith("    ")]
    assert [line for line in said if line] == shown[1:]
