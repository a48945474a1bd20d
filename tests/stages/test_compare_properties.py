"""What holds of any runs: turned round, against themselves, and among others."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from reasoning_lab.comparing.figures import compare_way
from reasoning_lab.comparing.ways import Chosen
from reasoning_lab.records.answered import Answered, Reply
from reasoning_lab.records.comparison import ComparedWay

Scores = Sequence[Sequence[float]]
TURNED = {"better": "worse", "worse": "better"}
ONCE = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=1)
OFTEN = st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=4)
PAIRS = st.one_of(
    *(st.lists(st.tuples(kind, kind), min_size=1, max_size=60) for kind in (ONCE, OFTEN))
)


def compared(*runs: Scores, cut: Sequence[bool] = ()) -> ComparedWay:
    """The comparison of these runs, called a, b, …; `cut`: of each, whether answers are cut off."""
    labels = "abcdefgh"[: len(runs)]
    limits = cut or [False] * len(runs)
    problems = [
        {
            label: Answered("f", str(n), f"q{n}", "", {"w": [Reply("4", s, 9, end) for s in rows]})
            for label, rows, end in zip(labels, row, limits, strict=True)
        }
        for n, row in enumerate(zip(*runs, strict=True))
    ]
    return compare_way(Chosen("w", dict.fromkeys(labels, "w")), problems, seed=0)[0]


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_turned_runs_are_turned_figures(pairs: list[tuple[list[float], list[float]]]) -> None:
    first, second = zip(*pairs, strict=True)
    (there,), (back,) = (compared(*runs).pairs for runs in ((first, second), (second, first)))
    assert there.difference.value == -back.difference.value
    assert (there.lost, there.gained) == (back.gained, back.lost)
    assert (there.test, there.p, there.more) == (back.test, back.p, back.more)
    assert there.verdict == TURNED.get(back.verdict, back.verdict)
    assert 0 <= there.p <= there.adjusted <= 1
    low, high = there.difference.low, there.difference.high
    assert low is None or high is None or -1 <= low <= there.difference.value <= high <= 1


@settings(deadline=None, max_examples=40)
@given(st.lists(OFTEN, min_size=1, max_size=40))
def test_a_run_is_never_told_apart_from_itself(scores: list[list[float]]) -> None:
    way = compared(scores, scores, scores)
    assert all(pair.difference.unmoved and pair.p == 1 and pair.more is None for pair in way.pairs)
    assert way.alike == (("a", "b", "c"),)
    assert way.changed == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(ONCE, ONCE, ONCE), min_size=8, max_size=60))
def test_another_run_makes_no_verdict_bolder(rows: list[tuple[list[float], ...]]) -> None:
    runs = list(zip(*rows, strict=True))
    alone, among = compared(*runs[:2]).pairs[0], compared(*runs).pairs[0]
    assert among.p == alone.p
    assert among.adjusted >= alone.adjusted
    if alone.verdict == "not distinguishable":
        assert among.verdict == "not distinguishable"


@settings(deadline=None, max_examples=20)
@given(PAIRS)
def test_whatever_was_cut_off_is_not_judged(pairs: list[tuple[list[float], list[float]]]) -> None:
    runs = list(zip(*pairs, strict=True))
    for cut in ([True, False], [False, True]):
        (pair,) = compared(*runs, cut=cut).pairs
        assert (pair.verdict, pair.more) == ("budget-limited", None)
