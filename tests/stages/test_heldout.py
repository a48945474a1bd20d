"""Figures over problems: of one and of several answers each, judged or not."""

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.measure.measured import Measured, gains
from reasoning_lab.statistics.rates import exact_share, share_of
from reasoning_lab.text.example import Completion, Example, Verdict

RIGHT, WRONG, NONE = Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSABLE
DONE = Completion("<answer>42</answer>", 5)
OTHER = Completion("<answer>41</answer>", 6)
LOST = Completion("who knows", 7)
CUT = Completion("<think>6", 96, "length")
AS = {RIGHT: DONE, WRONG: OTHER, NONE: LOST}


def examples(count: int, **fields: object) -> list[Example]:
    return [
        Example(str(n), ({"role": "user", "content": "6 * 7?"},), "42", **fields)
        for n in range(count)
    ]


def judged_as(*verdicts: Verdict | None) -> Measured:
    """One greedy completion of each problem."""
    ways = {"greedy": [[DONE]] * len(verdicts)}, {"greedy": [[one] for one in verdicts]}
    return Measured(examples(len(verdicts)), *ways, {"greedy": 9}, 1.0)


def drawn(*rows: list[Verdict]) -> Measured:
    """Several answers to each problem."""
    ways = {"sampled": [[AS[one] for one in row] for row in rows]}, {"sampled": [*rows]}
    return Measured(examples(len(rows)), *ways, {"sampled": 9}, 1.0, {"sampled": 2.0})


def test_what_was_cut_off_or_empty_is_counted_and_each_verdict_kept() -> None:
    measured = Measured(
        examples(2),
        {"greedy": [[DONE], [CUT]], "sampled": [[CUT, CUT], [CUT, CUT]]},
        {"greedy": [[RIGHT], [NONE]], "sampled": [[NONE] * 2] * 2},
        {"greedy": 96, "sampled": 96},
        1.0,
    )
    found = {name: one.value for name, one in measured.estimates().items()}
    assert [found[f"greedy/{name}"] for name in ("cut_off", "empty", "format")] == [0.5] * 3
    assert (found["sampled/cut_off"], found["sampled/empty"]) == (1.0, 1.0)
    assert (found["greedy/pass@1"], found["sampled/pass@1"], found["sampled/maj@2"]) == (0.5, 0, 0)
    estimates = measured.estimates()
    assert estimates["sampled/tokens"].is_constant, "both problems ran into the limit"
    tokens = estimates["greedy/tokens"]
    assert (tokens.value, tokens.low, tokens.high) == (50.5, 0.0, 96.0)
    given = [attempt.leading for attempt in measured.attempts()]
    assert [one and (one.verdict, one.correct, one.vote) for one in given] == [
        ("correct", True, "42"),
        ("unparsable", False, None),
    ]


def test_several_answers_give_pass_at_k_and_a_vote() -> None:
    """By hand: c of 4 right: 1, 0 and 2; pass@2 = 1 - C(4 - c, 2) / 6."""
    measured = drawn([RIGHT, WRONG, WRONG, NONE], [WRONG] * 4, [RIGHT, RIGHT, WRONG, NONE])
    found = {name: one.value for name, one in measured.estimates().items()}
    assert found["sampled/pass@1"] == pytest.approx((1 / 4 + 0 + 2 / 4) / 3)
    assert found["sampled/pass@2"] == pytest.approx((3 / 6 + 0 + 5 / 6) / 3)
    assert found["sampled/pass@4"] == pytest.approx((1 + 0 + 1) / 3)
    # The right class has 1 of 4 votes against 2; 0; and 2 against 1.
    assert found["sampled/maj@4"] == pytest.approx((0 + 0 + 1) / 3)
    assert "sampled/maj@1" not in found
    assert "sampled/pass@3" not in found
    assert measured.means() == pytest.approx(found)
    assert list(measured.means()) == list(found)
    assert measured.speeds()["sampled/tokens_per_second"].value == pytest.approx(71 / 2)


def test_answers_that_cannot_be_equal_do_not_vote() -> None:
    rows = [[DONE, DONE]], [[RIGHT, WRONG]]
    programs = examples(1, tests=({"type": "call", "fn": "f", "args": [1], "expected": 1},))
    found = Measured(programs, {"s": rows[0]}, {"s": rows[1]}, {}, 1.0).estimates()
    assert {name for name in found if "@" in name} == {"s/pass@1", "s/pass@2"}


def test_spellings_of_the_right_answer_vote_together() -> None:
    said = [Completion(f"\\boxed{{{one}}}", 3) for one in ("0.5", r"\frac{1}{2}", "3", "3")]
    verdicts = [[RIGHT, RIGHT, WRONG, WRONG]]
    found = Measured(examples(1), {"s": [said]}, {"s": verdicts}, {}, 1.0).estimates()
    assert found["s/maj@4"].value == 0.5, "two votes each: the tie is shared"


def test_what_nobody_said_is_no_figure() -> None:
    unsaid = {"given": frozenset({"tokens", "finish"})}
    measured = Measured(
        examples(1), {"given": [[DONE]]}, {"given": [[RIGHT]]}, {}, 1.0, unsaid=unsaid
    )
    assert {"given/tokens", "given/cut_off"}.isdisjoint(measured.estimates())
    (attempt,) = measured.attempts()
    assert (attempt.leading.tokens, attempt.leading.finish) == (None, None)


def test_a_problem_on_which_the_sandbox_failed_is_left_out_of_accuracy() -> None:
    before = judged_as(WRONG, None, WRONG, RIGHT)
    after = judged_as(RIGHT, RIGHT, None, RIGHT)
    found = before.judged().estimates()
    assert found["greedy/pass@1"] == exact_share(1, 3)
    assert found["greedy/tokens"].n == found["greedy/thinking"].n == 4
    gain = gains(before, after)["greedy/pass@1"]
    assert (gain.value, gain.n) == (0.5, 2), "only those that were judged both times"
    given = [attempt.leading for attempt in before.attempts()]
    assert [one and (one.correct, one.verdict) for one in given] == [
        (False, "wrong"), (None, None), (False, "wrong"), (True, "correct"),
    ]  # fmt: skip


def test_a_problem_with_one_sample_that_was_not_judged_is_left_out() -> None:
    sampled = Measured(
        examples(2),
        {"sampled": [[DONE] * 2] * 2},
        {"sampled": [[RIGHT, None], [RIGHT, WRONG]]},
        {"sampled": 9},
        1.0,
    )
    assert sampled.per_problem("sampled") == [None, 0.5]
    found = sampled.estimates()
    assert (found["sampled/pass@1"].value, found["sampled/maj@2"].n) == (0.5, 1)


def test_gains_are_of_every_score_and_of_the_form() -> None:
    before, after = drawn([WRONG] * 2, [RIGHT] * 2), drawn([RIGHT, WRONG], [RIGHT] * 2)
    found = gains(before, after)
    names = {"pass@1", "pass@2", "maj@2", "format", "thinking"}
    assert found.keys() == {f"sampled/{name}" for name in names}
    assert (found["sampled/pass@1"].value, found["sampled/pass@2"].value) == (0.25, 0.5)


def test_nothing_judged_is_no_accuracy() -> None:
    nothing, half = judged_as(None, None), judged_as(None, RIGHT)
    assert "greedy/pass@1" not in nothing.estimates()
    with pytest.raises(SandboxError) as caught:
        nothing.judged()
    assert caught.value.problems[0].where == "sandbox"
    with pytest.raises(SandboxError):
        gains(half, judged_as(RIGHT, None))


def test_samples_of_one_problem_do_not_count_as_problems() -> None:
    many = drawn(*[[RIGHT, WRONG] * 4] * 10).estimates()["sampled/pass@1"]
    assert (many.value, many.n) == (0.5, 10)
    assert many == share_of([0.5] * 10)
    assert many.high - many.low > 0.5, "ten problems, not eighty"
