"""The order of rows is a permutation, repeats exactly, and batches are of like length."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.training.order import by_length, row_order


@given(st.integers(1, 50), st.integers(0, 200), st.integers(0, 9))
def test_every_row_comes_equally_often(rows: int, wanted: int, seed: int) -> None:
    order = row_order(rows, wanted, seed)
    assert len(order) == wanted
    counts = Counter(order)
    assert set(counts) <= set(range(rows))
    assert max(counts.values(), default=0) - min((counts[r] for r in range(rows)), default=0) <= 1


@given(st.integers(1, 20), st.integers(1, 40), st.integers(0, 9))
def test_a_longer_run_starts_like_a_shorter_one(rows: int, wanted: int, seed: int) -> None:
    assert row_order(rows, 2 * wanted, seed)[:wanted] == row_order(rows, wanted, seed)


@given(st.lists(st.integers(1, 99), min_size=1, max_size=80), st.integers(1, 8))
def test_sorting_by_length_only_moves_rows(lengths: list[int], batch: int) -> None:
    order = row_order(len(lengths), len(lengths), seed=1)
    assert sorted(by_length(order, lengths, batch, seed=1)) == sorted(order)


def test_batches_hold_rows_of_like_length() -> None:
    lengths = [10, 50] * 32
    order = row_order(64, 64, seed=0)
    batches = by_length(order, lengths, 8, seed=0)
    for start in range(0, 64, 8):
        assert len({lengths[row] for row in batches[start : start + 8]}) == 1
