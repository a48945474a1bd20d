"""A storm of kills on folders and locks alone: forked processes choose, wait, save, and are killed.

Each command chooses as the lab's does, and forks a worker that inherits the lock. The worker goes
on from its folder's last checkpoint; when the command is gone it saves once more, and ends.
"""

import fcntl
import os
import random
import signal
import time
from pathlib import Path

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.alone import let_end, take, take_new
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.lock import Claim
from reasoning_lab.runs.resume import furthest, unfinished
from reasoning_lab.schema.run import Run

KILLS = 60
LAST = 40  # steps
STEP = 0.01  # seconds
SAVING = 0.05  # seconds that an orphan takes to save


def command(run: Run) -> int:
    """Exit status of a command that resumes, in a process of its own."""
    try:
        taken = chosen(run)
    except ArtifactError:
        return 2
    if taken is None:
        return 0
    starter = os.getpid()
    worker = os.fork()
    if worker == 0:
        os.setsid()
        taken.leave()
        taken.attended = None
        walk(taken.folder, starter)
        os._exit(0)
    os.waitpid(worker, 0)
    return 0


def chosen(run: Run) -> Claim | None:
    """The folder to work in; None where the run has finished."""
    while True:
        found = unfinished(run)
        let_end(found, lambda line: None, patience=60)
        if any(folder.finished for folder in found) or finished(run):
            return None
        folder = furthest(found)
        taken = take(folder) if folder is not None else take_new(run, run)
        if taken is not None:
            return taken


def finished(run: Run) -> bool:
    return any((Path(run.output) / run.name).glob("*/*/manifest.json"))


def walk(folder: RunFolder, starter: int) -> None:
    """Steps, each with a line that says who did it, and a checkpoint every fifth."""
    output = folder.path.parents[2]
    with (output / "walking").open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            (output / "two_at_once").touch()
        for step in range(folder.resume_step() + 1, LAST + 1):
            time.sleep(STEP)
            orphan = os.getppid() != starter
            if orphan or step % 5 == 0:
                checkpoint = folder.checkpoints / f"checkpoint-{step}"
                checkpoint.mkdir(parents=True, exist_ok=True)
                time.sleep(SAVING if orphan else 0)
                (checkpoint / COMPLETE).touch()
            if orphan:
                return
        folder.manifest.write_text("{}")


def forked(run: Run) -> int:
    """The id of a process that runs `command`."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = command(run)
        finally:  # the fork must not go on with the tests
            os._exit(status)
    return child


@pytest.mark.parametrize("seed", range(3))
def test_kills_at_any_moment_leave_one_folder_and_lose_no_checkpoint(make_run, seed):
    run = make_run().model_copy(update={"resume": "auto"})
    Path(run.output).mkdir()
    chance = random.Random(seed)
    furthest_yet, kills = -1, 0
    while not finished(run) and kills < KILLS:
        child = forked(run)
        time.sleep(chance.uniform(0, 0.25))
        os.kill(child, signal.SIGKILL)
        kills += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        steps = [folder.resume_step() for folder in unfinished(run)]
        assert len(steps) <= 1
        assert finished(run) or max(steps, default=-1) >= furthest_yet
        furthest_yet = max([furthest_yet, *steps])
    assert kills > 3
    assert os.waitpid(forked(run), 0)[1] == 0
    assert finished(run)
    assert len(list((Path(run.output) / run.name).glob("[!.]*/*/run.json"))) == 1
    assert not (Path(run.output) / "two_at_once").exists()
