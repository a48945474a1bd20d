"""pass@k and maj@k against tables by hand and against counting every subset."""

from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reasoning_lab.statistics.passk import maj_at_k, pass_at_k, sizes

COUNTS = some.tuples(
    some.integers(0, 4), some.lists(some.integers(0, 3), max_size=3), some.integers(0, 3)
).filter(lambda one: one[0] + sum(one[1]) + one[2] > 0)


@pytest.mark.parametrize(
    ("n", "right", "k", "value"),
    [
        (1, 0, 1, 0.0),
        (1, 1, 1, 1.0),
        (5, 2, 1, 2 / 5),
        (5, 2, 2, 1 - 3 / 10),  # C(3, 2) / C(5, 2)
        (5, 2, 3, 1 - 1 / 10),
        (5, 2, 4, 1.0),
        (200, 1, 100, 0.5),
        (200, 3, 10, 1 - comb(197, 10) / comb(200, 10)),
    ],
)
def test_pass_at_k_by_hand(n: int, right: int, k: int, value: float) -> None:
    assert pass_at_k(n, right, k) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("right", "others", "silent", "k", "value"),
    [
        (1, [], 0, 1, 1.0),
        (0, [3], 1, 2, 0.0),
        (0, [], 2, 1, 0.0),
        (1, [1], 0, 2, 1 / 2),  # a tie of one vote each
        (1, [1, 1], 0, 3, 1 / 3),
        (2, [1], 0, 2, 2 / 3),  # {R,R}: 1; twice {R,W}: 1/2
        (1, [], 1, 1, 1 / 2),
        (1, [], 1, 2, 1.0),  # who says nothing does not vote
        (2, [2], 1, 3, 1 / 2),
        (3, [2], 0, 3, 7 / 10),  # C(3,3) + C(3,2) 2 of C(5,3)
        (2, [3], 0, 5, 0.0),
    ],
)
def test_maj_at_k_by_hand(right: int, others: list[int], silent: int, k: int, value: float) -> None:
    assert maj_at_k(right, others, silent, k) == pytest.approx(value, abs=1e-12)


def counted(right: int, others: list[int], silent: int, k: int) -> tuple[float, float]:
    """pass@k and maj@k as the mean over every subset of k answers."""
    answers = ["right"] * right + [None] * silent
    answers += [f"wrong {n}" for n, count in enumerate(others) for _ in range(count)]
    passed, won, total = 0, Fraction(0), 0
    for subset in combinations(answers, k):
        total += 1
        passed += "right" in subset
        votes = [one for one in subset if one is not None]
        most = max(map(votes.count, votes), default=0)
        first = {one for one in votes if votes.count(one) == most}
        won += Fraction("right" in first, max(1, len(first)))
    return passed / total, float(won / total)


@given(COUNTS)
def test_both_are_the_mean_over_all_subsets(counts: tuple[int, list[int], int]) -> None:
    right, others, silent = counts
    n = right + sum(others) + silent
    for k in range(1, n + 1):
        found = pass_at_k(n, right, k), maj_at_k(right, others, silent, k)
        assert found == pytest.approx(counted(right, others, silent, k), abs=1e-12)


@given(some.integers(1, 64), some.data())
def test_more_answers_pass_more_and_one_is_the_mean(n: int, data: some.DataObject) -> None:
    right = data.draw(some.integers(0, n))
    found = [pass_at_k(n, right, k) for k in sizes(n)]
    assert found == sorted(found)
    assert found[0] == pytest.approx(right / n)
    assert maj_at_k(right, [n - right], 0, 1) == pytest.approx(right / n)


@pytest.mark.parametrize("k", [0, -1, 5])
def test_more_answers_than_there_are_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"k={k} of 4"):
        pass_at_k(4, 2, k)
    with pytest.raises(ValueError, match=f"k={k} of 4"):
        maj_at_k(2, [1], 1, k)


@pytest.mark.parametrize("counts", [(-1, [], 3), (1, [-1], 3), (1, [1], -1)])
def test_a_negative_count_is_refused(counts: tuple[int, list[int], int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        maj_at_k(*counts, 1)


def test_a_thousand_answers_are_counted_too() -> None:
    assert pass_at_k(1024, 512, 512) == pytest.approx(1.0)
    assert 0.99 < maj_at_k(600, [1] * 300 + [124], 0, 32) <= 1.0
