"""`pipeline=NAME` on the command line: what is shown, what is refused, what the plan says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.entry import answer
from reasoning_lab.pipelines.walk import steps_of
from reasoning_lab.schema.door import check
from reasoning_lab.schema.pipeline import pipeline_of

NAME = "pipeline=self_improve_tiny"
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Said:
    """said(*arguments): the exit status, stdout and stderr of a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def ask(*arguments: str) -> tuple[int, str, str]:
        status = answer(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return ask


def test_cfg_job_shows_the_pipeline_with_what_the_command_says(said: Said) -> None:
    status, out, _ = said(NAME, "--cfg", "job", "pipeline.rounds.most=2", "learn.stage.max_steps=7")
    assert status == 0
    shown = pipeline_of(yaml.safe_load(out)["pipeline"])
    assert shown.rounds is not None
    assert shown.rounds.most == 2
    assert "stage.max_steps=7" in shown.rounds.steps["learn"]
    assert "stage.max_steps=7" not in shown.rounds.steps["sample"]


def test_tiny_sizes_win_over_the_pipelines_own_and_under_the_commands(said: Said) -> None:
    status, out, _ = said(NAME, "--cfg", "job", "debug=smoke", "learn.stage.max_steps=3")
    assert status == 0
    shown = pipeline_of(yaml.safe_load(out)["pipeline"])
    assert shown.name == "smoke_self_improve_tiny"
    lines = {step.name: step.lines for step in steps_of(shown)}
    sample, learn = (
        check(compose([line.replace("{seed}", "1") for line in lines[one]]))
        for one in ("sample", "learn")
    )
    assert (sample.stage.problems, sample.stage.keep) == (8, 1)
    assert learn.stage.max_steps == 3
    assert learn.stage.gradient_accumulation_steps == 1


def test_help_tells_of_the_pipeline(said: Said) -> None:
    status, out, _ = said(NAME, "--help")
    assert status == 0
    assert "pipeline.rounds.most=" in out
    assert "pipeline.steps.before=[stage=evaluate, " in out
    assert "self_improve_tiny" in said("--help")[1]


def test_the_plan_makes_no_folder_and_its_commands_are_whole_lines(
    said: Said, tmp_path: Path
) -> None:
    status, out, _ = said(NAME, "pipeline.plan=true", "tracker=none")
    assert status == 0
    lines = out.splitlines()
    assert lines[0].startswith("before: to be run")
    assert lines[1].startswith("  python -m reasoning_lab name=self_improve_tiny_before ")
    assert lines[1].endswith("tracker=none seed=0 resume=auto")
    assert [line.partition(":")[0] for line in lines[2::2][:2]] == [
        "round 1, sample",
        "round 1, learn",
    ]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("-m", NAME, "pipeline.seeds=[0,1]"), ["-m"]),
        ((NAME, "--info"), ["--info"]),
        (("pipeline=no_such",), ["pipeline"]),
        (("pipeline.rounds.most=3",), ["pipeline.rounds.most=3"]),
        (
            (NAME, "pipeline.mos=1", "seed=1", "name=x", "learn.stage.max_stps=3"),
            ["learn.stage.max_stps", "name", "pipeline.mos", "seed"],
        ),
        ((NAME, "before.resume=never"), ["pipeline.steps.before"]),
        ((NAME, "stage.keep=0"), ["before.stage.keep", "learn.stage.keep", "sample.stage.keep"]),
    ],
)
def test_what_is_wrong_is_refused_all_at_once_and_nothing_is_made(
    arguments: tuple[str, ...], where: list[str], said: Said, tmp_path: Path
) -> None:
    status, _, err = said(*arguments)
    assert status == 2
    told = [
        line.strip().partition(": ")[0]
        for line in err.splitlines()
        if line[:3] == "  " + line[2:3].strip()
    ]
    assert sorted(told) == where
    assert not list(tmp_path.iterdir())


def test_no_pipeline_is_a_run_as_ever(said: Said) -> None:
    status, _, err = said("pipeline=null", "stage=sft", "stage.max_steps=0")
    assert status == 2
    assert "stage.max_steps" in err
    assert "pipeline" not in json.dumps(err)
