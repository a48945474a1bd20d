"""Kills at any moment: one folder, one worker at a time, and the result of an undisturbed run.

Here a random walk stands in for a training; the command is the lab's. The same with real weights
is in `tests/stages/test_resume.py`, and with folders and locks alone in `test_kills.py`.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from reasoning_lab.records.atomic import write_json
from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.runs.folder import RunFolder, run_folders
from reasoning_lab.runs.lock import Work, work_in
from reasoning_lab.schema.run import Run

pytestmark = pytest.mark.slow

COMMAND = Path(__file__).with_name("small_command.py")
KILLS = 8
STEPS = 400  # of 0.01 s each: more than all kills together let it walk
LIMIT = 240.0  # seconds


def command(run_json: Path, resume: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """The command in a process group of its own; its worker has another one."""
    return subprocess.Popen(
        [sys.executable, str(COMMAND), str(run_json), resume],
        stdout=stdout,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


T = TypeVar("T")
Asked = Callable[[str], tuple[Run, Path]]


@pytest.fixture
def asked(make_run, tmp_path) -> Asked:
    """A run by its name, and the file that the command reads it from."""

    def write(name: str) -> tuple[Run, Path]:
        run = make_run(name, steps=STEPS)
        path = tmp_path / "run.json"
        write_json(path, run.model_dump(mode="json"))
        return run, path

    return write


def folders(run: Run) -> list[RunFolder]:
    return run_folders(Path(run.output) / run.name)


def positions(folder: RunFolder) -> list[tuple[object, ...]]:
    return [(row.step, row.values.get("train/position")) for row in read_metrics(folder.metrics)]


def steps_of(run: Run) -> int:
    return max((len(read_metrics(folder.metrics)) for folder in folders(run)), default=0)


def until(look: Callable[[], T]) -> T:
    end = time.monotonic() + LIMIT
    while not (found := look()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
    return found


def until_walking(run: Run, steps: int = 1) -> RunFolder:
    def walking() -> list[RunFolder]:
        running = [folder for folder in folders(run) if work_in(folder) is Work.RUNNING]
        return [folder for folder in running if len(read_metrics(folder.metrics)) > steps]

    return until(walking)[0]


def kill_worker(folder: RunFolder) -> None:
    with suppress(OSError, ValueError):
        os.kill(json.loads(folder.lock.read_text())["pid"], signal.SIGKILL)


@pytest.mark.long
def test_a_storm_of_kills_leaves_one_run_like_an_undisturbed_one(asked, tmp_path):
    run, path = asked("slow")
    chance = random.Random(3)
    for number in range(KILLS):
        child = command(path, "auto", stdout=subprocess.DEVNULL)
        if number % 2:
            # While it chooses a folder, starts a worker, or waits for the one before.
            time.sleep(chance.uniform(0.1, 2.0))
        else:
            until_walking(run, steps_of(run) + chance.randint(1, 15))
        if number % 3 == 2:
            for folder in folders(run):
                kill_worker(folder)
        os.killpg(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    last = command(path, "auto")
    said, _ = last.communicate(timeout=LIMIT)
    assert last.returncode == 0, said
    (folder,) = folders(run)
    assert not (Path(run.output) / "two_at_once").exists()
    whole = tmp_path / "whole.json"
    write_json(whole, run.model_copy(update={"output": str(tmp_path / "whole")}).model_dump())
    assert command(whole, "never").wait(timeout=LIMIT) == 0
    (undisturbed,) = (tmp_path / "whole" / "slow").glob("*/*")
    assert positions(folder) == positions(RunFolder(undisturbed))


@pytest.mark.parametrize("resume", ["auto", "never"])
def test_after_a_kill_the_same_command_waits_for_the_orphan(asked, resume):
    run, path = asked("late")
    first = command(path, "never", stdout=subprocess.DEVNULL)
    begun = until_walking(run, steps=15)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert work_in(begun) is Work.ENDING
    second = command(path, resume)
    assert second.stdout is not None
    waits = next(line for line in second.stdout if "is ending" in line)
    assert str(begun.path) in waits
    assert work_in(begun) is Work.ENDING
    (Path(run.output) / "go").touch()
    said, _ = second.communicate(timeout=LIMIT)
    assert second.returncode == 0, said
    assert not (Path(run.output) / "two_at_once").exists()
    (found,) = [folder for folder in folders(run) if folder.finished]
    assert (found == begun) is (resume == "auto")


@pytest.mark.parametrize(("resume", "status"), [("auto", 2), ("never", 2), ("beside", 0)])
def test_beside_a_running_one_a_second_is_refused_unless_asked(asked, resume, status):
    run, path = asked("open")
    output = Path(run.output)
    first = command(path, "never")
    running = until_walking(run)
    second = command(path, resume)
    if status == 0:
        until((output / "two_at_once").exists)
        (output / "go").touch()
    said, _ = second.communicate(timeout=LIMIT)
    (output / "go").touch()
    assert second.returncode == status, said
    first.communicate(timeout=LIMIT)
    assert first.returncode == 0
    assert len(folders(run)) == (2 if status == 0 else 1)
    if status:
        assert str(running.path) in said
        assert "resume=beside" in said
        assert not (output / "two_at_once").exists()


@pytest.mark.long
def test_commands_that_start_at_once_are_one_run(asked):
    run, path = asked("open")
    children = [command(path, "auto", stdout=subprocess.DEVNULL) for _ in range(3)]
    until(lambda: len([child for child in children if child.poll() is not None]) == 2)
    (Path(run.output) / "go").touch()
    assert sorted(child.wait(timeout=LIMIT) for child in children) == [0, 2, 2]
    (folder,) = folders(run)
    assert folder.finished
    assert not (Path(run.output) / "two_at_once").exists()
