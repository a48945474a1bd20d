"""What is wrong with a pipeline is said before anything runs, each thing by its key."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from made import ROUNDS, pipeline, plain, rounds

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.pipeline_steps import check_steps
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.pipeline import pipeline_of, pipeline_problems
from reasoning_lab.schema.vocabulary import choices, conf_dir

EVALUATE = ["stage=evaluate", "model=tiny"]


def steps(**named: list[str]) -> dict[str, Any]:
    return plain(steps=named, rounds=None)


def of_rounds(**named: list[str]) -> dict[str, Any]:
    return rounds(steps={**ROUNDS["steps"], **named})


BAD: list[tuple[dict[str, Any], list[str]]] = [
    (plain(name="no name"), ["pipeline.name"]),
    (plain(seeds=[]), ["pipeline.seeds"]),
    (plain(seeds=[1, 1]), ["pipeline.seeds"]),
    (plain(seeds=[-1]), ["pipeline.seeds"]),
    (plain(surprise=1), ["pipeline.surprise"]),
    (plain(steps={}), ["pipeline.steps"]),
    (plain(shared=["name=x"]), ["pipeline.shared"]),
    (rounds(most=0), ["pipeline.rounds.most"]),
    (rounds(**{"from": "worst"}), ["pipeline.rounds.from"]),
    (rounds(before="nothing"), ["pipeline.rounds.before"]),
    (rounds(base="run:nothing"), ["pipeline.rounds.base"]),
    (rounds(model="before"), ["pipeline.rounds.model"]),
    (rounds(measured="teach"), ["pipeline.rounds.measured"]),
    (rounds(log={"yield": "reject/yield"}), ["pipeline.rounds.log.yield"]),
    (steps(a=["stage=evaluate", "model.path=run:b"], b=EVALUATE), ["pipeline.steps.a"]),
    (steps(a=["stage=evaluate", "model.path=run:a"]), ["pipeline.steps.a"]),
    (
        steps(a=["stage=sft", "model.path=run:b"], b=["stage=sft", "model.path=run:a"]),
        ["pipeline.steps.a"],
    ),
    (steps(a=["stage=evaluate", "model.path=run:taught"]), ["pipeline.steps.a"]),
    (steps(a=["stage=evaluate", "model.path=run:best"]), ["pipeline.steps.a"]),
    (steps(a=[]), ["pipeline.steps.a"]),
    (steps(A=EVALUATE), ["pipeline.steps.A"]),
    (steps(best=EVALUATE), ["pipeline.steps.best"]),
    (steps(data=EVALUATE), ["pipeline.steps.data"]),
    (steps(a=[*EVALUATE, "seed=3"]), ["pipeline.steps.a"]),
    (steps(a=[*EVALUATE, "resume=never"]), ["pipeline.steps.a"]),
    (of_rounds(before=EVALUATE), ["pipeline.rounds.steps.before"]),
    (
        plain(seeds=[], rounds={**ROUNDS, "most": 0, "way": ""}),
        ["pipeline.rounds.most", "pipeline.rounds.way", "pipeline.seeds"],
    ),
    (
        plain(steps={"a": [], "B": EVALUATE}, rounds={**ROUNDS, "model": "x"}),
        ["pipeline.rounds.before", "pipeline.rounds.model", "pipeline.steps.B", "pipeline.steps.a"],
    ),
]


@pytest.mark.parametrize(("said", "where"), BAD)
def test_each_thing_that_is_wrong_is_named(said: dict[str, Any], where: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        raise ConfigError(*pipeline_problems(pipeline_of(said)))
    assert sorted({problem.where for problem in refused.value.problems}) == where


STEPS: list[tuple[dict[str, Any], list[str], list[str]]] = [
    (steps(a=["stage=sft", "stage.max_stepz=3"]), [], ["a.stage.max_stepz"]),
    (steps(a=["stage=sft", "stage.max_steps=0"]), [], ["a.stage.max_steps"]),
    (steps(a=["stage=evaluat"]), [], ["a.stage"]),
    (steps(a=["stage=evaluate", "model.path=run:no_such_run@latest"]), [], ["a.model.path"]),
    (
        steps(a=EVALUATE, b=["stage=sft", "model.path=run:a"]),
        [],
        ["b.model.path"],  # a report is no model
    ),
    (steps(a=EVALUATE, b=["stage=sft"]), ["b.output=/elsewhere"], ["output"]),
    (
        of_rounds(sample=["stage=reject", "stage.keep=0"], learn=["stage=sft", "data.seed=x"]),
        ["before.stage.evaluation.problems=0"],
        ["before.stage.evaluation.problems", "learn.data.seed", "sample.stage.keep"],
    ),
    # What only the runs of the steps show of the rounds.
    (rounds(model="sample"), [], ["pipeline.rounds.model"]),
    (rounds(measured="sample"), [], ["pipeline.rounds.measured"]),
    (rounds(way="greedyy"), [], ["pipeline.rounds.way", "pipeline.rounds.way"]),
    (rounds(base="embedded:nope"), [], ["pipeline.rounds.base", "pipeline.rounds.before"]),
    (rounds(base="embedded:tiny_student"), [], ["pipeline.rounds.before"]),
    (plain(), ["stage.keep=2"], ["before.stage.keep", "learn.stage.keep"]),
    (plain(), ["hardwear=cpu", "modell"], ["hardwear", "modell"]),  # once, not of each step
]


@pytest.mark.parametrize(("said", "given", "where"), STEPS)
def test_every_step_passes_the_door_before_the_first_one_starts(
    said: dict[str, Any], given: list[str], where: list[str], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refused:
        check_steps(pipeline(said, tmp_path, *given))
    assert sorted(problem.where for problem in refused.value.problems) == where
    assert not list(tmp_path.iterdir())


def test_an_override_of_the_command_wins_over_the_files(tmp_path: Path) -> None:
    said = plain(shared=["hardware.threads=2"], steps={"before": [*EVALUATE, "data.seed=3"]})
    found = pipeline(
        said, tmp_path, "hardware.threads=1", "before.data.seed=4", "learn.data.seed=5"
    )
    before, sample, learn = check_steps(found)
    assert {run.hardware.threads for run in (before, sample, learn)} == {1}
    assert [run.data.seed for run in (before, sample, learn)] == [4, 0, 5]
    assert [run.name for run in (before, sample, learn)] == [
        "small_before",
        "small_sample_1",
        "small_learn_1",
    ]


@pytest.mark.parametrize("name", choices("pipeline"))
def test_each_pipeline_of_conf_passes_the_door(name: str, tmp_path: Path) -> None:
    found = pipeline_of(compose([f"pipeline={name}"])["pipeline"])
    assert found.name == name
    assert not found.plan
    check_steps(pipeline(compose([f"pipeline={name}"])["pipeline"], tmp_path))


def test_the_example_of_contributing_passes_the_door(tmp_path: Path) -> None:
    text = (conf_dir().parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(# teach.*?)```", text, flags=re.DOTALL)
    found = check_steps(pipeline(yaml.safe_load(block), tmp_path))
    assert [run.stage.kind for run in found] == ["sft", "grpo", "compare"]
