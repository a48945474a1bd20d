"""pass@k against its definition: the share of k-subsets with a right answer among them."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.statistics.passk import pass_at_k


@given(st.integers(1, 9), st.data())
def test_is_the_share_of_subsets(n: int, data: st.DataObject) -> None:
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    subsets = list(combinations([1] * c + [0] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@pytest.mark.parametrize(
    ("n", "c", "k", "expected"),
    [(1, 1, 1, 1.0), (10, 3, 1, 0.3), (4, 1, 2, 0.5), (200, 0, 100, 0.0), (2000, 1, 2000, 1.0)],
)
def test_table(n: int, c: int, k: int, expected: float) -> None:
    assert pass_at_k(n, c, k) == expected


@pytest.mark.parametrize(("n", "c", "k"), [(0, 0, 1), (3, 4, 1), (3, 1, 4), (3, 1, 0), (3, -1, 1)])
def test_refuses(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="need 1 <= k"):
        pass_at_k(n, c, k)
