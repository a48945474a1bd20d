"""Rewards written for TRL: called with the lists that TRL's trainers give, refused by name."""

from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import LabError, RewardError
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.door import problems
from reasoning_lab.rewards.trl_style import trl_style
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reward import Reward
from reasoning_lab.text.example import Completion, Example

SOURCE = """
from trl.rewards import think_format_reward

def thinks(completions, **kwargs):
    return think_format_reward(completions)

def solved(completions, solution, **kwargs):
    return [float(s in c[0]["content"]) for c, s in zip(completions, solution)]

def last_word(prompts, completions, answer, task, id, difficulty, scale=1.0):
    assert prompts[0][0]["role"] == "user"
    return [scale * d for d in difficulty]

def named_only(completions):
    return [None for _ in completions]

def too_few(completions, **kwargs):
    return []

def broken(completions, **kwargs):
    return [{}["nope"] for _ in completions]

def of_the_lab(completion, example):
    return 1.0

def wants_more(completions, image):
    return [0.0 for _ in completions]

async def later(completions, **kwargs):
    return [0.0 for _ in completions]
"""
ROWS = [
    (
        Completion(text=f"<think>\n{n}\n</think>\nIt is {n}.", tokens=9),
        Example(f"row-{n}", ({"role": "user", "content": "?"},), "7", meta={"difficulty": n}),
    )
    for n in (7, 8)
]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A file under experiments/, with a name that no other test has loaded."""
    name = f"trl_{abs(hash(request.node.name))}"
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return f"experiments.{name}"


@pytest.mark.parametrize(
    ("function", "settings", "expected"),
    [
        ("thinks", {}, [1.0, 1.0]),
        ("solved", {}, [1.0, 0.0]),
        ("last_word", {"scale": 2.0}, [14.0, 16.0]),
        ("named_only", {}, [None, None]),
    ],
)
def test_it_is_called_as_trl_calls_it(
    module: str, function: str, settings: dict[str, Any], expected: list[float | None]
) -> None:
    assert trl_style(ROWS, fn=f"{module}:{function}", **settings) == expected


def test_another_number_of_values_is_a_bug(module: str) -> None:
    with pytest.raises(RuntimeError, match="0 values for 2"):
        trl_style(ROWS, fn=f"{module}:too_few")


def test_an_error_names_the_function_that_failed(module: str) -> None:
    fn = f"{module}:broken"
    term = {"fn": "reasoning_lab.rewards.trl_style:trl_style", "params": {"fn": fn}}
    reward = Reward.model_validate(
        {"name": "mine", "terms": {"mine": {"weight": 1.0, "gate": None, "tasks": None, **term}}}
    )
    with pytest.raises(RewardError) as caught:
        Composer(reward).score_batch(ROWS, [0, 1])
    line = SOURCE.split("\n").index('    return [{}["nope"] for _ in completions]') + 1
    assert caught.value.problems[0].what.startswith(f"{fn} (line {line})")


def asked(*words: str) -> list[tuple[str, str]]:
    try:
        run = check(compose(["stage=grpo", *words]))
    except LabError as error:
        return [(one.where, one.cure) for one in error.problems]
    return [(one.where, one.cure) for one in problems(run)]


TERM = "reward.terms.mine"


@pytest.mark.parametrize("function", ["of_the_lab", "wants_more", "nix", "later"])
def test_what_cannot_be_called_is_refused_at_the_door(module: str, function: str) -> None:
    found = asked(f"+reward/term@{TERM}=trl", f"{TERM}.params.fn={module}:{function}")
    assert [where for where, _ in found] == [f"{TERM}.params.fn"]


def test_what_can_be_called_passes(module: str) -> None:
    for function in ("thinks", "solved"):
        fn = f"{TERM}.params.fn={module}:{function}"
        assert asked(f"+reward/term@{TERM}=trl", fn, f"+{TERM}.params.scale=2") == []


def test_the_labs_own_choice_names_the_adapter(module: str) -> None:
    ((where, cure),) = asked(f"+reward/term@{TERM}=own", f"{TERM}.fn={module}:thinks")
    assert where == f"{TERM}.fn"
    assert f"+reward/term@{TERM}=trl {TERM}.params.fn={module}:thinks" in cure
