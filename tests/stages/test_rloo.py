"""`stage=rloo`: what it pays, writes down and leaves, and that a killed run goes on to the same."""

import itertools
import json
import os
import signal
from pathlib import Path

import pytest
from small_run import finish, only_run, start, wait_for, weights

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ConfigError
from reasoning_lab.rewards.advantage import advantages
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.schema.door import check
from reasoning_lab.schema.stages.rloo import Rloo

RLOO = (
    "stage=rloo stage.max_steps=4 stage.warmup_steps=1 stage.save_steps=2 "
    "stage.evaluation.problems=10 stage.evaluation.every=0"
).split()


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ([], "leave_one_out"),
        (["beta=0.05"], None),
        (["normalize_advantages=true"], None),
        (["+trl.reward_clip_range=[-1.0,1.0]"], None),
        (["+trl.epsilon_high=0.28"], "leave_one_out"),
    ],
)
def test_its_advantages_are_known_where_only_rewards_go_in(
    changes: list[str], known: str | None
) -> None:
    stage = check(compose(["stage=rloo", *changes])).stage
    assert isinstance(stage, Rloo)
    assert stage.advantages() == known


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("num_generations=7", "stage.num_generations"),
        ("+trl.scale_rewards=group", "stage.trl.scale_rewards"),
        ("loss_type=dapo", "loss_type"),
        ("reward.terms.accuracy.weight=0 reward.terms.format.weight=0", "reward.terms"),
        ("data=tiny_base", "data"),
    ],
)
def test_it_is_refused_as_all_reinforcement(change: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(compose(["stage=rloo", *change.split()]))
    assert [problem.where for problem in caught.value.problems] == [where]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    output = tmp_path_factory.mktemp("whole")
    status, said = finish(start(output, *RLOO))
    assert status == 0, said
    assert "rloo · 4 steps of 2 prompts x 4 generations" in said
    return RunFolder(only_run(output))


@pytest.mark.slow
def test_it_measures_and_leaves_what_every_training_does(whole: RunFolder) -> None:
    manifest = read(whole)
    assert (manifest.stage, manifest.kind) == ("rloo", "model")
    for way, what in itertools.product(("greedy", "sampled"), ("before", "after", "gain")):
        assert manifest.metrics[f"{what}/{way}/pass@1"].n == 10
    assert whole.report.stat().st_size > 0


@pytest.mark.slow
def test_each_completion_is_weighed_against_the_others(whole: RunFolder) -> None:
    rows = [json.loads(line) for line in whole.samples.read_text().splitlines()]
    assert len(rows) == 4 * 8
    groups = [(row["step"], row["group"]) for row in rows]
    found = advantages([row["total"] for row in rows], groups, scale="leave_one_out")
    assert [row["advantage"] for row in rows] == found
    assert any(found)


@pytest.mark.slow
def test_a_killed_run_continues_to_the_same_weights(tmp_path: Path, whole: RunFolder) -> None:
    process = start(tmp_path, *RLOO)
    wait_for("checkpoints/checkpoint-2/COMPLETE", tmp_path, process)
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    folder = only_run(tmp_path)
    assert not RunFolder(folder).finished
    status, said = finish(start(tmp_path, *RLOO, "resume=auto"))
    assert status == 0, said
    assert only_run(tmp_path) == folder
    assert weights(folder) == weights(whole.path)
