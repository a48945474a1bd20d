"""Rates over problems with one and with several samples."""

from __future__ import annotations

import pytest

from reasoning_lab.stages.heldout import Measured, _rate
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
    assert rate.low is not None
    assert rate.high is not None
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
    rows = [row["greedy"][0] for row in measured.rows()]
    assert [(row["verdict"], row["correct"]) for row in rows] == [
        ("correct", True),
        ("unparsable", False),
    ]
