"""How terms become a total: weights, gates, None, and every way in which a term can be wrong."""

import json
import pickle
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import DataError, RewardError
from reasoning_lab.rewards import door
from reasoning_lab.rewards.calling import shorten
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.run import Run
from reasoning_lab.text.example import Verdict
from rewards.rows import ACCURACY, FORMAT, MATH, RIGHT, WRONG, example, refusal, reward, term, wrote

FORM_ONLY = term("reasoning_lab.rewards.format:think_format", 0.1, partial=0.0)
SCORER = term("reasoning_lab.rewards.scorer:scorer")


def test_the_shipped_reward() -> None:
    composer = Composer(MATH)
    right, plain = composer.score(wrote(RIGHT), example()), wrote("<answer>42</answer>")
    assert right.total == pytest.approx(1.1)
    assert right.parts == {"accuracy": 1.0, "format": 1.0}
    assert right.verdict is Verdict.CORRECT
    assert composer.score(plain, example()).total == pytest.approx(1.0)
    wrong = composer.score(wrote(WRONG), example())
    assert wrong.total == 0.0
    assert wrong.parts == {"accuracy": 0.0, "format": 1.0}, "parts are raw, before gates"
    assert wrong.verdict is Verdict.WRONG


WRITTEN = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<answer>", "</answer>", "42", "41", "\n", "so ", r"\boxed{42}"]
    ),
    max_size=10,
).map("".join)


@lru_cache(maxsize=1)
def shipped() -> Composer:
    return Composer(Reward.model_validate(compose(["reward=math"])["reward"]))


@settings(deadline=None)
@given(WRITTEN, WRITTEN)
def test_no_form_lifts_a_wrong_completion_above_a_right_one(left: str, right: str) -> None:
    scores = [shipped().score(wrote(text), example()) for text in (left, right, RIGHT, WRONG)]
    wrong = [s.total for s in scores if s.verdict is not Verdict.CORRECT and s.total is not None]
    good = [s.total for s in scores if s.verdict is Verdict.CORRECT and s.total is not None]
    assert len(wrong) + len(good) == 4
    assert max(wrong) < min(good)


def test_weight_0_is_measured_not_paid() -> None:
    form = {**FORM_ONLY, "weight": 0.0}
    score = Composer(reward(accuracy=ACCURACY, format=form)).score(wrote(RIGHT), example())
    assert score.total == 1.0
    assert score.parts["format"] == 1.0


def test_a_gate_may_be_a_term_that_is_only_measured() -> None:
    composer = Composer(reward(accuracy={**ACCURACY, "weight": 0.0}, format=FORMAT))
    assert composer.score(wrote(RIGHT), example()).total == pytest.approx(0.1)
    assert composer.score(wrote(WRONG), example()).total == 0.0


def test_gates_chain(mine: str) -> None:
    composer = Composer(
        reward(accuracy=ACCURACY, format=FORMAT, half=term(f"{mine}:half", 1.0, "format"))
    )
    assert composer.score(wrote(RIGHT), example()).total == pytest.approx(1.6)
    assert composer.score(wrote("<answer>42</answer>"), example()).total == pytest.approx(1.0)
    # format has a value of 1 here, but was not paid, so what waits for it is not paid either
    assert composer.score(wrote(WRONG), example()).total == 0.0


def test_a_term_that_does_not_apply_is_renormalised_not_0(mine: str) -> None:
    composer = Composer(
        reward(half=term(f"{mine}:half", 1.0), right=term(f"{mine}:only_right", 3.0))
    )
    assert composer.score(wrote(RIGHT), example()).total == pytest.approx(3.5)
    without = composer.score(wrote(WRONG), example())
    assert without.parts == {"half": 0.5, "right": None}
    assert without.total == pytest.approx(0.5 * 4), "0.5 with the weight of both, not 0.5 + 0"


def test_a_missing_penalty_is_no_bonus_and_no_division_by_zero(mine: str) -> None:
    composer = Composer(
        reward(half=term(f"{mine}:half", 1.0), right=term(f"{mine}:only_right", -1.0))
    )
    assert composer.score(wrote(RIGHT), example()).total == pytest.approx(-0.5)
    assert composer.score(wrote(WRONG), example()).total == pytest.approx(1.0)


def test_a_gate_that_does_not_apply_takes_its_term_with_it() -> None:
    score = Composer(MATH).score(wrote(RIGHT), example(task="code"))
    assert score.total is None
    assert score.verdict is None
    assert score.parts == {"accuracy": None, "format": 1.0}


def test_integers_are_numbers(mine: str) -> None:
    composer = Composer(reward(one=term(f"{mine}:integer", 2.0)))
    assert composer.score(wrote(RIGHT), example()).total == 2.0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nan", "nan, which is not finite"),
        ("infinite", "-inf, which is not finite"),
        ("perhaps", "declares yes_no and returned 0.5"),
        ("beyond", "declares that it is within (0.0, 1.0) and returned 1.5"),
        ("text", "'1.0', a str"),
        ("boolean", "True, a bool"),
        ("sequence", "[1.0], a list"),
        ("raises", "raised KeyError('score')"),
        ("leaves", "raised SystemExit(0)"),
    ],
)
def test_a_broken_reward_stops_and_shows_the_completion(mine: str, name: str, said: str) -> None:
    composer = Composer(reward(accuracy=ACCURACY, mine=term(f"{mine}:{name}", 0.0)))
    long = RIGHT + " x" * 2_000
    with pytest.raises(RewardError) as caught:
        composer.score(wrote(long), example())
    message = str(caught.value)
    for part in ("reward.terms.mine", f"experiments.mine:{name}", said, "row-1", "6 * 7 = 42"):
        assert part in message
    assert len(message) < 1_200
    if name == "raises":
        assert isinstance(caught.value.__cause__, KeyError)
        assert re.search(r"experiments.mine:raises \(line \d+\) raised", message)


@pytest.mark.parametrize(
    ("terms", "where", "said"),
    [
        ({"a": term("os:getcwd")}, "reward.terms.a.fn", "neither in the lab"),
        ({"a": term("subprocess:run")}, "reward.terms.a.fn", "experiments.NAME:function"),
        (
            {"a": term("reasoning_lab.rewards.acuracy:accuracy")},
            "reward.terms.a.fn",
            "did you mean",
        ),
        ({"a": term("reasoning_lab.rewards.accuracy:acuracy")}, "a.fn", "did you mean accuracy?"),
        ({"a": term("experiments.absent:fn")}, "reward.terms.a.fn", "experiments/absent.py"),
        ({"a": term("experiments..mine:half")}, "reward.terms.a.fn", "there is no file"),
        ({"a": term("experiments.mine:hlaf")}, "reward.terms.a.fn", "did you mean half?"),
        ({"a": term("experiments.mine:not_a_function")}, "reward.terms.a.fn", "no plain function"),
        ({"a": term("experiments.mine:later")}, "reward.terms.a.fn", "no plain function"),
        ({"a": term("experiments.mine:later")}, "a.fn", "`async def`"),
        ({"a": term("experiments.mine:no_example")}, "a.fn", "(completion, example)"),
        ({"a": term("experiments.mine:by_keyword")}, "a.fn", "(completion, example)"),
        ({"a": term("experiments.mine:short")}, "a.params.limit", "needs the parameter 'limit'"),
        (
            {"a": term("experiments.mine:short", limit=3, limt=3)},
            "reward.terms.a.params.limt",
            "did you mean limit?",
        ),
        ({"a": {**ACCURACY, "gate": "b"}}, "reward.terms.a.gate", "no term 'b'"),
        ({"accuracy": ACCURACY, "b": {**FORMAT, "gate": "acuracy"}}, "b.gate", "accuracy?"),
        ({"a": {**ACCURACY, "gate": "a"}}, "reward.terms.a.gate", "reward.terms.a.gate=null"),
        ({"a": {**ACCURACY, "gate": "b"}, "b": {**ACCURACY, "gate": "a"}}, "b.gate", "b.gate=null"),
        ({"total": ACCURACY}, "reward.terms.total", "another name"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_cure(
    mine: str, terms: dict[str, Any], where: str, said: str
) -> None:
    found = str(refusal(terms))
    assert where in found
    assert said in found


def test_all_problems_are_told_at_once(mine: str) -> None:
    terms = {
        "a": term("os:getcwd"),
        "b": term(f"{mine}:short"),
        "c": {**ACCURACY, "gate": "d"},
    }
    assert len(refusal(terms).problems) == 3


def test_a_function_that_takes_any_parameter_gets_them(mine: str) -> None:
    composer = Composer(reward(mine=term(f"{mine}:anything", 1.0, None, x=1, y=2)))
    assert composer.score(wrote(RIGHT), example()).total == 2.0


def test_a_composer_survives_pickling(mine: str) -> None:
    composer = Composer(reward(accuracy=ACCURACY, mine=term(f"{mine}:half")))
    again = pickle.loads(pickle.dumps(composer))
    assert again.score(wrote(RIGHT), example()) == composer.score(wrote(RIGHT), example())


def test_sound_rows_pass() -> None:
    Composer(MATH).check([example("42"), example(r"\frac{1}{2}"), example("yes"), example("1, 2")])


def test_rows_are_refused_before_training(mine: str) -> None:
    rows = [example("42", id="good"), *(example("", id=f"bad-{i}") for i in range(5))]
    with pytest.raises(DataError) as caught:
        Composer(MATH).check(rows)
    message = str(caught.value)
    assert "reward.terms.accuracy: the gold answer is empty: 5 rows ('bad-0', 'bad-1'" in message
    assert "good" not in message
    with pytest.raises(DataError, match="comes from no reasoning-gym task"):
        Composer(reward(scorer=SCORER)).check(rows)
    with pytest.raises(DataError, match="no term with a weight scores the row"):
        Composer(reward(mine=term(f"{mine}:nothing"), half=term(f"{mine}:half", 0.0))).check(rows)
    with pytest.raises(RewardError, match="KeyError"):
        Composer(reward(mine=term(f"{mine}:raises"))).check(rows)


def test_a_row_that_one_weighted_term_scores_passes() -> None:
    Composer(reward(accuracy=ACCURACY, scorer=SCORER)).check([example("42")])


def test_shorten_keeps_both_ends() -> None:
    assert shorten("short") == "short"
    assert shorten("a" * 500 + "b" * 500, 10) == "aaaaa [... 990 characters ...] bbbbb"


def test_a_file_that_leaves_is_no_silent_end(mine: str, tmp_path: Path) -> None:
    (tmp_path / "experiments" / "leaves.py").write_text("import sys\nsys.exit(0)\n")
    own = "reward.terms.mine.fn=experiments.leaves:fn"
    composed = compose(["stage=audit", "+reward/term@reward.terms.mine=own", own])
    (found,) = door.problems(Run.model_validate_json(json.dumps(composed)))
    assert found.where == "reward.terms.mine.fn"
    assert "calls sys.exit" in found.what


def test_ranges_are_declared_not_guessed(mine: str) -> None:
    assert Composer(MATH).bounds == {
        "accuracy": (0.0, 1.0),
        "format": (0.0, 1.0),
        "total": (0.0, pytest.approx(1.1)),
    }
    own = term(f"{mine}:integer", 2.0)
    assert Composer(reward(accuracy=ACCURACY, own=own)).bounds == {"accuracy": (0.0, 1.0)}
    unpaid = term(f"{mine}:integer", 0.0)
    found = Composer(reward(accuracy=ACCURACY, own=unpaid)).bounds
    assert found == {"accuracy": (0.0, 1.0), "total": (0.0, 1.0)}


def test_what_can_only_be_yes_or_no_is_declared_not_guessed() -> None:
    assert Composer(MATH).yes_no == {"accuracy", "format"}
    assert Composer(reward(accuracy=ACCURACY)).yes_no == {"accuracy", "total"}
    part = term("reasoning_lab.rewards.format:think_format", partial=0.4)
    assert Composer(reward(accuracy=ACCURACY, format=part)).yes_no == {"accuracy"}


def test_golds_with_doubled_backslashes_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    golds = [r"\\frac{1}{2}", r"\frac{1}{2}", r"\\sqrt{2}"]
    Composer(MATH).check([example(gold) for gold in golds])
    (told,) = [one.getMessage() for one in caplog.records if "doubled" in one.getMessage()]
    assert told.startswith("reward.terms.accuracy: ")
    assert "2 rows" in told
