"""Rates over problems with one and with several samples."""

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.measure.heldout import Measured, _rate, gains
from reasoning_lab.statistics.interval import proportion
from reasoning_lab.text.example import Completion, Example, Verdict


@pytest.mark.parametrize(
    ("rows", "value", "n"),
    [
        ([[True], [False], [False], [False]], 0.25, 4),
        ([[True, False], [True, True]], 0.75, 2),
        ([[False, False]] * 10, 0.0, 10),
        ([[True, True]] * 10, 1.0, 10),
    ],
)
def test_a_rate_stays_within_bounds_and_has_a_width(
    rows: list[list[bool]], value: float, n: int
) -> None:
    rate = _rate(rows)
    assert (rate.value, rate.n) == (value, n)
    assert 0.0 <= rate.low <= value <= rate.high <= 1.0
    assert rate.high > rate.low


def test_samples_of_one_problem_do_not_count_as_problems() -> None:
    assert _rate([[True] * 100, [False] * 100]).n == 2
    assert _rate([[False] * 8] * 10) == proportion(0, 10)


def test_what_was_cut_off_is_counted_and_each_verdict_kept() -> None:
    examples = [Example(str(n), ({"role": "user", "content": "6 * 7?"},), "42") for n in range(2)]
    done, cut = Completion("<answer>42</answer>", 5), Completion("<think>6", 96, "length")
    measured = Measured(
        examples,
        {"greedy": [[done], [cut]], "sampled": [[cut, cut], [cut, cut]]},
        {
            "greedy": [[Verdict.CORRECT], [Verdict.UNPARSABLE]],
            "sampled": [[Verdict.UNPARSABLE] * 2] * 2,
        },
        96,
        1.0,
    )
    found = measured.estimates()
    assert (found["greedy/cut_off"].value, found["sampled/cut_off"].value) == (0.5, 1.0)
    assert (found["greedy/pass@1"].value, found["sampled/pass@1"].value) == (0.5, 0.0)
    assert found["sampled/tokens"].is_constant, "both problems ran into the limit"
    tokens = found["greedy/tokens"]
    assert (tokens.value, tokens.low, tokens.high) == (50.5, 0.0, 96.0)
    given = [attempt.greedy for attempt in measured.attempts()]
    assert [one and (one.verdict, one.correct) for one in given] == [
        ("correct", True),
        ("unparsable", False),
    ]


DONE = Completion("<answer>42</answer>", 5)


def judged_as(*verdicts: Verdict | None) -> Measured:
    """One greedy completion of each problem."""
    examples = [
        Example(str(n), ({"role": "user", "content": "6 * 7?"},), "42")
        for n in range(len(verdicts))
    ]
    return Measured(
        examples,
        {"greedy": [[DONE]] * len(verdicts)},
        {"greedy": [[one] for one in verdicts]},
        9,
        1.0,
    )


def test_a_problem_on_which_the_sandbox_failed_is_left_out_of_accuracy() -> None:
    before = judged_as(Verdict.WRONG, None, Verdict.WRONG, Verdict.CORRECT)
    after = judged_as(Verdict.CORRECT, Verdict.CORRECT, None, Verdict.CORRECT)
    found = before.judged().estimates()
    assert found["greedy/pass@1"] == proportion(1, 3)
    assert found["greedy/tokens"].n == found["greedy/thinking"].n == 4
    gain = gains(before, after)["greedy/pass@1"]
    assert (gain.value, gain.n) == (0.5, 2), "only those that were judged both times"
    given = [attempt.greedy for attempt in before.attempts()]
    assert [one and (one.correct, one.verdict) for one in given] == [
        (False, "wrong"), (None, None), (False, "wrong"), (True, "correct"),
    ]  # fmt: skip


def test_a_problem_with_one_sample_that_was_not_judged_is_left_out() -> None:
    whole = judged_as(Verdict.CORRECT, Verdict.CORRECT)
    sampled = Measured(
        whole.examples,
        {"sampled": [[DONE] * 2] * 2},
        {"sampled": [[Verdict.CORRECT, None], [Verdict.CORRECT, Verdict.WRONG]]},
        9,
        1.0,
    )
    assert sampled.per_problem("sampled") == [None, 0.5]
    assert (sampled.estimates()["sampled/pass@1"].value) == 0.5


def test_nothing_judged_is_no_accuracy() -> None:
    nothing, half = judged_as(None, None), judged_as(None, Verdict.CORRECT)
    assert "greedy/pass@1" not in nothing.estimates()
    with pytest.raises(SandboxError, match="of 2 held-out problems none could be judged"):
        nothing.judged()
    with pytest.raises(SandboxError, match="no held-out problem was judged both times"):
        gains(half, judged_as(Verdict.CORRECT, None))
