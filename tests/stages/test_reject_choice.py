"""Which verified completions of a problem are kept, and the reason of every other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.rejecting.choice import Verified, choose
from reasoning_lab.rejecting.verifier import Reason
from reasoning_lab.schema.stages.reject import Choose

FEW = [
    Verified(0, 9, "one two three four five six seven"),
    Verified(2, 3, "nine"),
    Verified(3, 5, "one two three four"),
    Verified(5, 4, "a b c d e"),
    Verified(7, 3, "nine"),
]
NEAR, SURPLUS = Reason.NEAR_DUPLICATE, Reason.SURPLUS


@pytest.mark.parametrize(
    ("rule", "keep", "kept", "left"),
    [
        ("shortest", 1, (2,), {7: NEAR, 5: SURPLUS, 3: SURPLUS, 0: SURPLUS}),
        ("shortest", 3, (2, 5, 3), {7: NEAR, 0: SURPLUS}),
        ("median", 2, (5, 2), {3: SURPLUS, 7: NEAR, 0: SURPLUS}),
        ("unlike", 1, (0,), {2: SURPLUS, 3: SURPLUS, 5: SURPLUS, 7: SURPLUS}),
        ("unlike", 3, (0, 2, 5), {3: SURPLUS, 7: NEAR}),
        ("unlike", 9, (0, 2, 5, 3), {7: NEAR}),
    ],
)
def test_each_rule(rule: Choose, keep: int, kept: tuple[int, ...], left: dict[int, Reason]) -> None:
    chosen = choose(FEW, keep=keep, rule=rule, near_duplicate=0.95, seed="")
    assert (chosen.kept, chosen.left) == (kept, left)


def test_without_the_screen_equal_ones_are_kept() -> None:
    chosen = choose(FEW, keep=2, rule="shortest", near_duplicate=None, seed="")
    assert chosen.kept == (2, 7)


def test_random_follows_its_seed() -> None:
    found = {
        choose(FEW, keep=1, rule="random", near_duplicate=0.9, seed=f"{n}").kept for n in range(40)
    }
    assert len(found) == 5
    again = [choose(FEW, keep=2, rule="random", near_duplicate=0.9, seed="p") for _ in range(3)]
    assert again[0] == again[1] == again[2]


VERIFIED = st.lists(
    st.builds(
        Verified, st.integers(0, 99), st.integers(1, 9), st.text(alphabet="ab ", max_size=12)
    ),
    unique_by=lambda one: one.sample,
    max_size=12,
)
RULES = st.sampled_from(["shortest", "median", "random", "unlike"])


@given(VERIFIED, RULES, st.integers(1, 6), st.randoms())
def test_every_sample_is_kept_or_has_a_reason(
    some: list[Verified], rule: Choose, keep: int, order: object
) -> None:
    chosen = choose(some, keep=keep, rule=rule, near_duplicate=0.9, seed="s")
    assert len(chosen.kept) == len(set(chosen.kept)) <= keep
    assert bool(chosen.kept) == bool(some)
    assert {*chosen.kept, *chosen.left} == {one.sample for one in some}
    assert len(chosen.kept) + len(chosen.left) == len(some)
    backwards = choose(some[::-1], keep=keep, rule=rule, near_duplicate=0.9, seed="s")
    assert backwards == chosen, "the order of arrival decides nothing"
