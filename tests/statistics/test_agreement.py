"""Rank agreement against SciPy's, ties included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from reasoning_lab.statistics.agreement import ranks, spearman

FEW = st.integers(-4, 4).map(float)  # so that ties are common


@given(st.lists(FEW, max_size=40))
def test_ranks(values: list[float]) -> None:
    assert ranks(values) == list(rankdata(values))


@given(st.lists(st.tuples(FEW, FEW), min_size=2, max_size=40))
def test_spearman(pairs: list[tuple[float, float]]) -> None:
    first, second = (list(side) for side in zip(*pairs, strict=True))
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert spearman(first, second) is None
    else:
        assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic)


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="not the same things"):
        spearman([1.0], [1.0, 2.0])
