"""How much will be measured, and prompts that cannot fit, are told before the plan."""

import json
from pathlib import Path

import pytest
from gsm8k_rows import rows

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.measured import held_out
from reasoning_lab.errors import ConfigError, DataError
from reasoning_lab.schema.door import check


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
        held_out(run)
        return
    with pytest.raises(ConfigError, match="prompts of at most 160 tokens") as caught:
        held_out(run)
    assert caught.value.problems[0].where == "data"


@pytest.mark.parametrize("too_long", ["drop", "refuse"])
def test_one_long_question_among_others(tmp_path: Path, too_long: str) -> None:
    place = tmp_path / "own.jsonl"
    questions = ["1 + 1?", *["one more " * 400] * 2, "2 + 2?"]
    lines = [json.dumps({"question": f"{n}: {q}", "answer": "4"}) for n, q in enumerate(questions)]
    place.write_text("\n".join(lines))
    own = ["data=local", f"data.path={place}", "data.train_split=null", "stage=evaluate"]
    run = check(compose([*own, f"data.too_long={too_long}"]))
    if too_long == "drop":
        assert held_out(run) == 4
        return
    with pytest.raises(ConfigError) as caught:
        held_out(run)
    (problem,) = caught.value.problems
    assert problem.where == "data"
    assert "own-test-" in problem.what
    assert "data.too_long=drop" in problem.cure


@pytest.mark.parametrize(
    ("overrides", "count"),
    [
        ([], 500),
        (["data.heldout_size=4"], 4),
        (["data=gsm8k"], None),
        (["data=gsm8k", "data.path=FOLDER"], 20),
        (["data=gsm8k", "data.path=FOLDER", "data.heldout_size=7", "model=qwen2_5_0_5b"], 7),
        (["stage=sft", "data=gsm8k", "data.path=FOLDER", "model=qwen2_5_0_5b"], 20),
        (["stage=evaluate", "data=gsm8k", "data.path=FOLDER", "data.train_split=null"], 20),
        (["stage=audit"], None),
    ],
)
def test_what_is_held_out_is_counted(
    tmp_path: Path, overrides: list[str], count: int | None
) -> None:
    folder = str(rows(tmp_path, 3))
    run = check(compose([one.replace("FOLDER", folder) for one in overrides]))
    assert held_out(run) == count


def test_more_than_the_local_rows_is_refused(tmp_path: Path) -> None:
    place = [f"data.path={rows(tmp_path, 3)}", "stage.evaluation.problems=21"]
    with pytest.raises(DataError, match="asks for 21 held-out problems, there are 20"):
        held_out(check(compose(["data=gsm8k", *place])))
