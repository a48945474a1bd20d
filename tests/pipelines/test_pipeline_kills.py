"""A pipeline that is stopped or killed goes on where it was, and ends as an undisturbed one.

Random walks stand in for trainings (`tests/runs/small_stage.py`); the command is the lab's.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.lock import is_running

pytestmark = pytest.mark.slow

COMMAND = Path(__file__).with_name("small_pipeline.py")
LIMIT = 240.0  # seconds
STEPS = {"one": 30, "two": 60, "three": 40}  # of 0.01 s each


def pipeline(**names: str) -> dict[str, Any]:
    """Three walks, slow ones unless a name says otherwise; told apart by their lengths."""
    lines = {
        step: ["stage=grpo", f"stage.max_steps={number}", f"name={names.get(step, 'slow')}"]
        for step, number in STEPS.items()
    }
    return {
        "name": "walks",
        "seeds": [0],
        "plan": False,
        "shared": ["tracker=none"],
        "steps": lines,
        "rounds": None,
    }


def start(output: Path, said: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(COMMAND), str(output), json.dumps(said)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=LIMIT)
    return process.returncode, said


def walks(output: Path) -> dict[int, RunFolder]:
    """The one run of each length; two of one length would be a step that was repeated."""
    found: dict[int, RunFolder] = {}
    for folder in run_folders(output / "slow"):
        length = json.loads(folder.run_json.read_text())["stage"]["max_steps"]
        assert length not in found
        found[length] = folder
    return found


def positions(folder: RunFolder) -> list[tuple[object, ...]]:
    return [(row.step, row.values.get("train/position")) for row in read_metrics(folder.metrics)]


def until_walked(output: Path, step: str, least: int, process: subprocess.Popen[str]) -> RunFolder:
    end = time.monotonic() + LIMIT
    while True:
        folder = walks(output).get(STEPS[step])
        if folder is not None and len(read_metrics(folder.metrics)) > least:
            return folder
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, RunFolder]:
    output = tmp_path_factory.mktemp("whole")
    status, said = finish(start(output, pipeline()))
    assert status == 0, said
    return walks(output)


def assert_as(undisturbed: dict[int, RunFolder], output: Path) -> None:
    found = walks(output)
    assert found.keys() == undisturbed.keys() == {*STEPS.values()}
    for length, folder in found.items():
        assert folder.finished
        assert positions(folder) == positions(undisturbed[length])
    assert not (output / "two_at_once").exists()


def test_ctrl_c_ends_the_step_and_the_pipeline_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: dict[int, RunFolder]
) -> None:
    process = start(tmp_path, pipeline())
    folder = until_walked(tmp_path, "two", 12, process)
    os.kill(process.pid, signal.SIGINT)
    status, said = finish(process)
    assert status == 130, said
    assert said.rstrip().endswith("THE COMMAND")
    assert not is_running(folder)
    assert STEPS["three"] not in walks(tmp_path)
    saved = folder.resume_step()
    assert saved >= 12
    done = {name: (walks(tmp_path)[STEPS["one"]].path / name).stat() for name in ("manifest.json",)}
    status, said = finish(start(tmp_path, pipeline()))
    assert status == 0, said
    assert f"goes on at step {saved}" in said
    assert said.count("skipped: finished with the same hash") == 1
    first = walks(tmp_path)[STEPS["one"]].path
    assert {name: (first / name).stat() for name in done} == done
    assert_as(undisturbed, tmp_path)


def test_a_kill_within_each_step_and_at_its_end_repeats_nothing(
    tmp_path: Path, undisturbed: dict[int, RunFolder]
) -> None:
    for step, least in (("one", 15), ("one", 29), ("two", 25), ("two", 59), ("three", 5)):
        process = start(tmp_path, pipeline())
        until_walked(tmp_path, step, least, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    status, said = finish(start(tmp_path, pipeline()))
    assert status == 0, said
    assert_as(undisturbed, tmp_path)
    status, said = finish(start(tmp_path, pipeline()))
    assert (status, said.count("skipped: finished with the same hash")) == (0, 3)


@pytest.mark.long
def test_a_storm_of_kills_repeats_nothing(
    tmp_path: Path, undisturbed: dict[int, RunFolder]
) -> None:
    chance = random.Random(5)
    for _ in range(12):
        process = start(tmp_path, pipeline())
        time.sleep(chance.uniform(0.2, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    status, said = finish(start(tmp_path, pipeline()))
    assert status == 0, said
    assert_as(undisturbed, tmp_path)


@pytest.mark.parametrize(("name", "status"), [("buggy", 1), ("refused", 2)])
def test_a_step_that_fails_ends_the_pipeline_with_its_status(
    name: str, status: int, tmp_path: Path
) -> None:
    found, said = finish(start(tmp_path, pipeline(two=name)))
    assert found == status, said
    assert {*walks(tmp_path)} == {STEPS["one"]}


def test_the_same_pipeline_is_not_gone_through_twice_at_once(tmp_path: Path) -> None:
    first = start(tmp_path, pipeline(one="open"))
    end = time.monotonic() + LIMIT
    while not run_folders(tmp_path / "open"):
        assert time.monotonic() < end
        time.sleep(0.05)
    status, said = finish(start(tmp_path, pipeline(one="open")))
    assert status == 2, said
    assert "is being run right now" in said
    (tmp_path / "go").touch()
    status, said = finish(first)
    assert status == 0, said
