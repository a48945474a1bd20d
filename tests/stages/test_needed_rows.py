"""Problems that a run never looks at are not made, and making many is shown."""

import pytest

from reasoning_lab import data
from reasoning_lab.cli.compose import compose
from reasoning_lab.report.run.estimate import estimate_seconds
from reasoning_lab.schema.door import check
from reasoning_lab.training import screen
from reasoning_lab.training.session import load_rows, needed

FEW = ["data.train_size=60", "data.heldout_size=20", "hardware=cpu"]


@pytest.mark.parametrize(
    ("line", "train", "heldout"),
    [
        ("stage=grpo", 60, 20),
        ("stage=grpo stage.evaluation.problems=5", 60, 5),
        ("stage=sft stage.evaluation.problems=5", 60, 5),
        ("stage=evaluate", 1, 20),
        ("stage=evaluate stage.evaluation.problems=5", 1, 5),
        ("stage=evaluate stage.evaluation.problems=null", 1, 20),
        ("stage=grpo data=tiny_code reward=code stage.evaluation.problems=5", 60, 5),
        ("stage=sft data=tiny_base stage.evaluation.problems=5", 60, 20),
    ],
)
def test_the_rows_that_are_made_are_those_of_the_whole(line: str, train: int, heldout: int) -> None:
    run = check(compose([*line.split(), *FEW]))
    whole, made = data.load(run.data), load_rows(run)
    assert (len(made.train), len(made.heldout)) == (train, heldout)
    assert made.train == whole.train[:train]
    assert made.heldout == whole.heldout[:heldout]


def test_rows_of_a_file_are_chosen_from_all() -> None:
    run = check(compose(["data=gsm8k", "stage=evaluate", "stage.evaluation.problems=5"]))
    assert needed(run) == run.data


def test_long_preparation_is_announced_and_short_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = check(compose(FEW))
    load_rows(run)
    assert not capsys.readouterr().out
    monkeypatch.setattr(screen, "PATIENCE", -1.0)
    load_rows(run)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "making chain_sum: 80 rows"
    assert "row 80/80" in said[-1]


def test_making_many_rows_is_in_the_estimate() -> None:
    base = ["experiment=tiny_base", "stage.max_steps=3", "hardware.threads=2"]
    many, few = (
        estimate_seconds(check(compose([*base, f"data.train_size={size}"])))
        for size in (128_000, 1000)
    )
    assert many is not None
    assert few is not None
    assert many - few > 20
