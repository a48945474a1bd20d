"""The shipped rewards, term by term, and how the command line adds and takes away terms."""

from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.errors import ConfigError, DataError
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.sandbox.remedy import ADDRESS
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.vocabulary import choices
from rewards.rows import RIGHT, WRONG, example, wrote

ENGLISH = "<think>\nWe add the two and take the sum.\n</think>\n<answer>42</answer>"
GERMAN = "<think>\nWir nehmen die Summe und sind fertig.\n</think>\n<answer>42</answer>"
BARE = "<answer>42</answer>"


def composer(*overrides: str) -> Composer:
    return Composer(Reward.model_validate(check(compose(list(overrides))).reward.model_dump()))


@lru_cache
def shipped(preset: str) -> Composer:
    return composer(f"reward={preset}")


@pytest.mark.parametrize(
    ("preset", "text", "total"),
    [
        ("math", RIGHT, 1.1),
        ("math", BARE, 1.0),
        ("math", WRONG, 0.0),
        ("format_only", RIGHT, 1.0),
        ("format_only", WRONG, 1.0),
        ("format_only", BARE, 0.0),
        ("r1", ENGLISH, 1.2),
        ("r1", GERMAN, 1.1),
        ("r1", RIGHT, 1.2),  # numbers are in no language: its weight goes to the others
        ("r1", BARE, 1.0),
        ("r1", WRONG, 0.0),
        ("r1", ENGLISH.replace("42", "41"), 0.0),
        ("combined", RIGHT, 1.0),
        ("combined", BARE, 0.5 / 0.7),
        ("combined", WRONG, 0.0),
    ],
)
def test_what_a_preset_pays(preset: str, text: str, total: float) -> None:
    score = composer(f"reward={preset}").score(wrote(text), example())
    assert score.total == pytest.approx(total)


def test_a_mixture_of_tasks_is_routed_and_bad_tests_are_refused_at_load() -> None:
    combined = composer("reward=combined")
    combined.check([example(), example("no", task="logic")])
    for test, said in (({"input": ""}, "has no `type`"), ({"type": "in"}, "is no kind of test")):
        with pytest.raises(DataError, match=said):
            combined.check([example(), example(id="c", task="code", tests=(test,))])


@pytest.mark.parametrize(
    ("overrides", "names"),
    [
        (["reward=math"], ["accuracy", "format"]),
        (["reward=math", "~reward.terms.format"], ["accuracy"]),
        (["reward=r1", "~reward.terms.language"], ["accuracy", "format"]),
        (
            ["+reward/term@reward.terms.repetition=repetition"],
            ["accuracy", "format", "repetition"],
        ),
        (
            [
                "+reward/term@reward.terms.steps=reasoning_steps",
                "+reward/term@reward.terms.mode=mode",
                "~reward.terms.format",
            ],
            ["accuracy", "mode", "steps"],
        ),
    ],
)
def test_terms_are_added_and_taken_away(overrides: list[str], names: list[str]) -> None:
    assert sorted(term.name for term in composer(*overrides).terms) == names


@pytest.mark.parametrize("name", sorted(choices("reward/term").keys() - {"own", "trl"}))
def test_every_term_may_be_added(name: str) -> None:
    run = check(compose([f"+reward/term@reward.terms.extra={name}", "tracker=none"]))
    run = preflight(run)
    assert composer(f"+reward/term@reward.terms.extra={name}").score(wrote(RIGHT), example()).parts


@pytest.mark.parametrize(
    ("overrides", "where", "said"),
    [
        (
            ["~reward/term@reward.terms.format"],
            "reward/term",
            "to take it away write ~reward.terms.format",
        ),
        (
            ["+reward.terms.mine.weight=1.0"],
            "reward.terms.mine.fn",
            "to take the term away write ~reward.terms.mine",
        ),
        (
            ["+reward.terms.mine.fn=experiments.mine:half"],
            "reward.terms.mine.weight",
            "to add a term write +reward/term@reward.terms.mine=own reward.terms.mine.fn=",
        ),
        (["~reward.terms.accuracy"], "reward.terms.format.gate", "no term 'accuracy'"),
        (["reward.terms.format.tasks=[]"], "reward.terms.format.tasks", "must not be empty"),
        (["reward.terms.format.tasks=math"], "reward.terms.format.tasks", "must be a list"),
    ],
)
def test_half_a_term_is_refused_with_a_cure(overrides: list[str], where: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(compose(overrides))
    assert where in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "where", "said"),
    [
        (
            [
                "+reward/term@reward.terms.length=length_cosine",
                "reward.terms.length.params.correct=acuracy",
            ],
            "reward.terms.length.params.correct",
            "did you mean accuracy?",
        ),
        (
            ["+reward/term@reward.terms.l=language", "reward.terms.l.params.wanted=eng"],
            "reward.terms.l.params.wanted",
            "did you mean en",
        ),
        (
            ["+reward/term@reward.terms.o=soft_overlong", "reward.terms.o.params.cache_tokens=0"],
            "reward.terms.o.params.cache_tokens",
            "must be from 1",
        ),
        (
            ["+reward/term@reward.terms.s=reasoning_steps", "reward.terms.s.params.wanted=many"],
            "reward.terms.s.params.wanted",
            "whole number",
        ),
        (["+reward/term@reward.terms.mine=own"], "reward.terms.mine.fn", "experiments/mine.py"),
        (
            ["reward=code", "data=tiny_code", "reward.terms.code.params.isolation=remote"],
            "reward.terms.code.params.isolation",
            "set SANDBOX_FUSION_ENDPOINT",
        ),
        (["reward=code", "data=tiny_code", "data.params.tests=0"], "data.params.tests", "1 to 50"),
        (
            ["stage=sft", "data=tiny_code", "data.params.families=[linea]"],
            "data.params.families",
            "did you mean linear",
        ),
    ],
)
def test_the_door_knows_what_terms_want(
    overrides: list[str], where: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    run = check(compose([*overrides, "tracker=none"]))
    with pytest.raises(ConfigError) as caught:
        run = preflight(run)
    assert where in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "cure"),
    [
        (["reward=code"], "data=tiny_code, or data=mbpp"),
        (["reward=code", "data=gsm8k"], "data=tiny_code, or data=mbpp"),
        (["reward=code", "stage=audit"], "data=tiny_code, or data=mbpp"),
        (["data=mbpp", "reward.terms.accuracy.tasks=[math]", "~reward.terms.format"], "chain_sum"),
        (["reward=code", "data=humaneval", "stage=audit"], ""),
        (["reward=code", "data=tiny_code", "stage=audit"], ""),
        (["reward=scorer", "data=column_sum"], "use reward=math"),
        (["reward=scorer", "data=code_chain"], "use reward=code"),
        (["reward=math", "data=boolean"], ""),
        (["reward=combined"], ""),
        (["reward=code", "stage=evaluate"], ""),
        (["reward=code", "data=gsm8k", "data.reader=own:rows"], ""),
        (["reward=code", "data=gsm8k"], "data.task=code"),
        (["reward=code", "data=gsm8k", "data.task=code"], ""),
    ],
)
def test_a_reward_for_other_rows_than_the_datas_is_refused(overrides: list[str], cure: str) -> None:
    """At once, and not when the model and the rows have been loaded."""
    run = check(compose([*overrides, "tracker=none"]))
    if not cure:
        run = preflight(run)
        return
    with pytest.raises(ConfigError) as caught:
        run = preflight(run)
    (problem,) = caught.value.problems
    assert problem.where == "reward"
    assert cure in problem.cure


WRITTEN = st.lists(
    st.sampled_from(
        [
            "<think>",
            "</think>",
            "<answer>",
            "</answer>",
            "42",
            "41",
            "\n",
            "the sum ",
            r"\boxed{42}",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize("preset", ["math", "r1", "combined"])
@given(data=st.data())
def test_nothing_wrong_is_paid_and_nothing_right_is_not(preset: str, data: st.DataObject) -> None:
    score = shipped(preset).score(wrote(data.draw(WRITTEN)), example())
    assert score.total is not None
    assert score.total > 0.4 if score.parts["accuracy"] else score.total == 0
