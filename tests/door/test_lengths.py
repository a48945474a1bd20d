"""Prompts that cannot fit are told before the plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reasoning_lab.compose import compose
from reasoning_lab.errors import ConfigError
from reasoning_lab.lengths import check_lengths
from reasoning_lab.schema.door import check


def rows(folder: Path, words: int) -> Path:
    """GSM8K-like rows whose questions have so many words."""
    for split in ("train", "test"):
        questions = [f"{split} {number}: " + "apples " * words for number in range(20)]
        lines = [json.dumps({"question": one, "answer": "#### 3"}) for one in questions]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "overrides", "refused"),
    [
        (3, [], False),
        (80, [], True),
        (80, ["stage=sft"], True),
        (80, ["stage=evaluate"], True),
        (80, ["model=qwen2_5_0_5b"], False),
        (80, ["stage=sft", "model=tiny_scratch"], False),
    ],
)
def test_a_question_that_cannot_fit(
    tmp_path: Path, words: int, overrides: list[str], refused: bool
) -> None:
    place = [f"data.path={rows(tmp_path, words)}", "stage.evaluation.problems=10"]
    run = check(compose(["data=gsm8k", *place, *overrides]))
    if not refused:
        check_lengths(run)
        return
    with pytest.raises(ConfigError, match="prompts of at most 160 tokens") as caught:
        check_lengths(run)
    assert caught.value.problems[0].where == "data"


def test_made_problems_fit() -> None:
    check_lengths(check(compose([])))
