"""Examples, completions and reward settings that the reward tests share."""

from collections.abc import Sequence
from typing import Any

import pytest

from reasoning_lab.data import load
from reasoning_lab.errors import ConfigError
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.judges.code.room import Case, Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.reward import Reward
from reasoning_lab.text.example import Completion, Example, Verdict

SANDBOXES = Sandboxes()
"""Shared, so that processes stay warm from test to test."""


def example(answer: str = "42", **fields: Any) -> Example:
    prompt = ({"role": "user", "content": "What is 6 * 7?"},)
    return Example(**{"id": "row-1", "prompt": prompt, "answer": answer, **fields})


def wrote(text: str, finish: Any = "stop") -> Completion:
    return Completion(text=text, tokens=len(text.split()), finish=finish)


def judge_all(cases: Sequence[Case], room: Room) -> list[CodeResult]:
    return SANDBOXES.judge(cases, room)


def strict_verdict(completion: Completion, row: Example) -> Verdict | None:
    (verdict,) = strict_verdicts([(completion, row)], SANDBOXES, Room())
    return verdict


def strict(completion: Completion, row: Example) -> bool | None:
    verdict = strict_verdict(completion, row)
    return None if verdict is None else verdict is Verdict.CORRECT


def term(fn: str, weight: float = 1.0, gate: str | None = None, **params: Any) -> dict[str, Any]:
    return {"fn": fn, "weight": weight, "gate": gate, "tasks": None, "params": params}


def reward(**terms: dict[str, Any]) -> Reward:
    return Reward.model_validate({"name": "test", "terms": terms})


def refusal(terms: dict[str, dict[str, Any]]) -> ConfigError:
    """What is said of a reward of these terms, which must be refused."""
    with pytest.raises(ConfigError) as caught:
        Composer(reward(**terms))
    return caught.value


def drawn(task: str, count: int = 1) -> list[Example]:
    """Problems of a reasoning-gym task, with what its own scorer needs."""
    data = Procedural(
        kind="procedural",
        name=task,
        task=task,
        example_task="math",
        params={},
        train_size=count,
        heldout_size=1,
        seed=0,
        too_long="drop",
    )
    return load(data).train


ACCURACY = term("reasoning_lab.rewards.accuracy:accuracy")
FORMAT = term("reasoning_lab.rewards.format:think_format", 0.1, "accuracy", partial=0.0)
MATH = reward(accuracy=ACCURACY, format=FORMAT)
RIGHT = "<think>\n6 * 7 = 42\n</think>\n<answer>42</answer>"
WRONG = "<think>\n6 * 7 = 41\n</think>\n<answer>41</answer>"
