"""Terms of a group, terms that are told of others, routing by task, getting ready."""

import pickle
import sys
from typing import Any

import pytest

from reasoning_lab.errors import DataError, RewardError, SandboxError
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.trl import batch_metrics
from reasoning_lab.text.example import Completion, Example, Verdict
from rewards.rows import ACCURACY, FORMAT, RIGHT, WRONG, example, refusal, reward, term, wrote

LENGTH = term("reasoning_lab.rewards.length_group:length_group", 0.5, correct="accuracy")


def routed(setting: dict[str, Any], *tasks: str) -> dict[str, Any]:
    return {**setting, "tasks": tasks}


def long(text: str, tokens: int) -> Completion:
    return Completion(text, tokens)


def test_a_group_term_sees_its_group_only_and_keeps_the_order() -> None:
    composer = Composer(reward(accuracy=ACCURACY, length=LENGTH))
    first, second = example(), example("41", id="row-2")
    batch = [
        (long(RIGHT, 10), first),
        (long(WRONG, 90), second),
        (long(RIGHT, 30), first),
        (long(WRONG, 10), first),
        (long(WRONG, 80), second),
    ]
    scores = composer.score_batch(batch, ["a", "b", "a", "a", "b"])
    assert [score.parts["length"] for score in scores] == [0.5, -0.5, -0.5, 0.0, 0.5]
    assert [score.total for score in scores] == [1.25, 0.75, 0.75, 0.0, 1.25]
    assert [score.verdict is Verdict.CORRECT for score in scores] == [True, True, True, False, True]
    assert composer.group_terms == ["length"]


def test_a_single_completion_is_a_group_of_its_own() -> None:
    score = Composer(reward(accuracy=ACCURACY, length=LENGTH)).score(wrote(RIGHT), example())
    assert score.parts == {"accuracy": 1.0, "length": 0.0}


def test_an_empty_batch() -> None:
    assert Composer(reward(accuracy=ACCURACY, length=LENGTH)).score_batch([], []) == []


def test_groups_must_fit_the_batch() -> None:
    composer = Composer(reward(accuracy=ACCURACY))
    with pytest.raises(ValueError, match="2 groups for 1 rows"):
        composer.score_batch([(wrote(RIGHT), example())], [0, 1])
    rows = [(wrote(RIGHT), example()), (wrote(RIGHT), example(id="other"))]
    with pytest.raises(ValueError, match="holds rows 'row-1' and 'other'"):
        composer.score_batch(rows, [0, 0])


def test_the_verdict_comes_with_its_reason() -> None:
    composer = Composer(reward(accuracy=ACCURACY))
    assert composer.score(wrote("no idea"), example()).reason
    assert (
        Composer(reward(format={**FORMAT, "gate": None})).score(wrote(""), example()).reason == ""
    )


def test_a_term_is_told_the_plain_ones_and_those_it_names(mine: str) -> None:
    composer = Composer(
        reward(
            four=term(f"{mine}:doubled", 1.0, None, of="two"),
            two=term(f"{mine}:doubled", 1.0, None, of="accuracy"),
            accuracy=ACCURACY,
            all=term(f"{mine}:counts_parts", 0.0),
            half=term(f"{mine}:half", 1.0),
            over=term(f"{mine}:above_mean", 1.0, None, of="four"),
        )
    )
    batch = [(wrote(RIGHT), example()), (wrote(WRONG), example())]
    right, wrong = (score.parts for score in composer.score_batch(batch, [0, 0]))
    assert right == {"four": 4, "two": 2, "accuracy": 1, "all": 2, "half": 0.5, "over": 2}
    assert wrong == {"four": 0, "two": 0, "accuracy": 0, "all": 2, "half": 0.5, "over": -2}
    assert list(right) == ["four", "two", "accuracy", "all", "half", "over"], "as configured"
    again = pickle.loads(pickle.dumps(composer))
    assert again.score_batch(batch, [0, 0]) == composer.score_batch(batch, [0, 0])


@pytest.mark.parametrize(
    ("terms", "where", "said"),
    [
        ({"l": {**LENGTH, "params": {}}}, "l.params.correct", "needs the parameter 'correct'"),
        ({"l": LENGTH}, "l.params.correct", "no term 'accuracy'"),
        (
            {"accuracy": ACCURACY, "l": {**LENGTH, "params": {"correct": "acuracy"}}},
            "l.params.correct",
            "did you mean accuracy?",
        ),
        ({"l": {**LENGTH, "params": {"correct": "l"}}, "a": ACCURACY}, "l.params", "its own value"),
        (
            {
                "a": term("experiments.mine:doubled", 1.0, None, of="b"),
                "b": term("experiments.mine:doubled", 1.0, None, of="a"),
            },
            ".params",
            "wait for each other's values",
        ),
        (
            {"a": term("experiments.mine:counts_parts", 1.0, None, parts=1)},
            "a.params.parts",
            "not a setting",
        ),
        (
            {"a": term("experiments.mine:group_no_example")},
            "reward.terms.a.fn",
            "(completions, example)",
        ),
        ({"a": term("experiments.mine:batch_by_keyword")}, "reward.terms.a.fn", "(rows)"),
    ],
)
def test_a_wrong_setting_is_refused(
    mine: str, terms: dict[str, Any], where: str, said: str
) -> None:
    found = str(refusal(terms))
    assert where in found
    assert said in found


@pytest.mark.parametrize(
    ("name", "said", "shown"),
    [
        (
            "too_few",
            "returned 1 values for a group of 2",
            "6 * 7 = 42",
        ),
        ("not_a_list", "returned 1.0 for a group of 2", "6 * 7 = 42"),
        ("group_nan", "nan, which is not finite", "6 * 7 = 41"),
        ("group_raises", "raised KeyError('score') for a group of 2", "6 * 7 = 42"),
        ("batch_raises", "raised OSError('no worker') for a batch of 2", "6 * 7 = 42"),
        ("batch_too_few", "returned 1 values for a batch of 2", "6 * 7 = 42"),
        ("sees_nan", "saw letters=nan", "6 * 7 = 42"),
        ("sees_half", "saw half_rate=0.5", "6 * 7 = 42"),
        ("judges_text", "returned '1.0', a str", "6 * 7 = 42"),
    ],
)
def test_a_broken_reward_stops_and_shows_the_completion(
    mine: str, name: str, said: str, shown: str
) -> None:
    composer = Composer(reward(accuracy=ACCURACY, mine=term(f"{mine}:{name}", 0.0)))
    batch = [(wrote(RIGHT), example()), (wrote(WRONG), example())]
    with pytest.raises(RewardError) as caught:
        composer.score_batch(batch, [0, 0])
    for part in ("reward.terms.mine", f"experiments.mine:{name}", said, "row-1", shown):
        assert part in str(caught.value)


def test_an_error_of_the_machine_is_no_broken_reward(mine: str) -> None:
    with pytest.raises(SandboxError, match="cannot start here"):
        Composer(reward(mine=term(f"{mine}:has_no_sandbox"))).score(wrote(RIGHT), example())


def test_a_term_of_a_batch_is_called_once_with_the_rows_it_judges(mine: str) -> None:
    composer = Composer(
        reward(
            mine=routed(term(f"{mine}:batched", limit=3), "math"),
            half=term(f"{mine}:halved", 1.0, None, of="mine"),
        )
    )
    rows = [example(id="c", task="chat"), example(), example(id="b")]
    scores = composer.score_batch([(wrote(RIGHT), row) for row in rows], [0, 1, 2])
    assert [score.parts["mine"] for score in scores] == [None, 0.0, 1.0]
    assert [score.parts["half"] for score in scores] == [None, 0.0, 0.5]
    assert [score.seconds > 0 for score in scores] == [False, True, True], "its share of the call"
    assert sys.modules[mine].asked == [(2, 3)]
    composer.score(wrote(RIGHT), rows[0])
    assert sys.modules[mine].asked == [(2, 3)], "none of its rows, nothing to ask"


def test_what_was_asked_ahead_is_not_asked_again(mine: str) -> None:
    composer = Composer(reward(mine=term(f"{mine}:batched", limit=3), half=term(f"{mine}:half")))
    batch = [(wrote(RIGHT), example(id=str(n))) for n in range(3)]
    ahead = composer.ahead(batch)
    alone = [
        composer.score_batch([row], [0], [said])[0] for row, said in zip(batch, ahead, strict=True)
    ]
    assert sys.modules[mine].asked == [(3, 3)]
    assert alone == composer.score_batch(batch, [0, 1, 2])
    assert list(alone[0].parts) == ["mine", "half"], "as configured"


def test_a_judgement_brings_its_verdict_and_what_was_seen(mine: str) -> None:
    terms = {"plain": term(f"{mine}:half"), "mine": term(f"{mine}:judges"), "accuracy": ACCURACY}
    right, wrong = Composer(reward(**terms)).score_batch(
        [(wrote(RIGHT), example()), (wrote(WRONG), example())], [0, 0]
    )
    assert (right.parts["mine"], wrong.parts["mine"]) == (2.0, 0.0)
    assert right.verdict is Verdict.CORRECT
    assert right.reason == "by its digits", "of the first term that has a verdict"
    assert right.seen == {"mine/right_rate": 1.0, "mine/letters": len(RIGHT)}
    assert right.seconds > 0, "the verifier's"
    metrics = batch_metrics(
        Composer(reward(**terms)), [(wrote(RIGHT), example())] * 2, [right, wrong]
    )
    assert metrics["mine/right_rate"] == 0.5
    assert metrics["verdict/wrong"] == 0.5


def test_a_term_is_given_the_sandboxes_of_the_run(mine: str) -> None:
    terms = reward(mine=term(f"{mine}:runs_nothing"))
    assert Composer(terms).score(wrote(RIGHT), example()).total == 1.0
    assert Composer(terms, Sandboxes()).score(wrote(RIGHT), example()).total == 1.0
    given = {"a": term("experiments.mine:runs_nothing", 1.0, None, sandboxes=1)}
    (problem,) = refusal(given).problems
    assert problem.where == "reward.terms.a.params.sandboxes"


MATH_ROW, CHAT_ROW = example(), example(id="chat", task="chat")


@pytest.mark.parametrize(
    ("row", "parts", "total"),
    [
        (MATH_ROW, {"accuracy": 1.0, "half": None, "short": None}, 2.5),
        (CHAT_ROW, {"accuracy": None, "half": 0.5, "short": 1.0}, 1.25),
    ],
)
def test_rows_are_judged_by_the_terms_of_their_task(
    mine: str, row: Example, parts: dict[str, float | None], total: float
) -> None:
    composer = Composer(
        reward(
            accuracy=routed(ACCURACY, "math", "logic"),
            half=routed(term(f"{mine}:half", 1.5), "chat"),
            short=routed(term(f"{mine}:shortest", 0.0), "chat"),
        )
    )
    score = composer.score(wrote(RIGHT), row)
    assert score.parts == parts
    assert score.total == pytest.approx(total)
    assert score.verdict is (Verdict.CORRECT if row is MATH_ROW else None)


def test_a_row_of_no_terms_task_is_refused_at_load(mine: str) -> None:
    composer = Composer(
        reward(accuracy=routed(ACCURACY, "math"), half=routed(term(f"{mine}:half", 0.0), "chat"))
    )
    composer.check([MATH_ROW])
    with pytest.raises(DataError, match=r"no term with a weight judges rows of task 'chat'.*1 row"):
        composer.check([MATH_ROW, CHAT_ROW])
