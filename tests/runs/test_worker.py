"""The worker as a process: what it prints, how it ends, and what it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.lock import Work, held, is_running, work_in
from reasoning_lab.runs.manifest import read
from reasoning_lab.worker import stopped_at_once

pytestmark = pytest.mark.slow

SMALL = Path(__file__).with_name("small_stage.py")
START = f"""
import sys
from pathlib import Path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.lock import claim
from reasoning_lab.runs.spawn import start
sys.exit(start(claim(RunFolder(Path(sys.argv[1]))), [{str(SMALL)!r}]))
"""


SLOW = {"name": "slow", "steps": 10_000}


def worker(folder: RunFolder) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SMALL), str(folder.path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def spawn(folder: RunFolder, *program: str, **options: bool) -> subprocess.Popen[str]:
    """The small stage on `folder`, or another Python `program`."""
    command = [sys.executable, *(program or [str(SMALL)]), str(folder.path)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options)


def starter(folder: RunFolder, **options: bool) -> subprocess.Popen[str]:
    return spawn(folder, "-c", START, **options)


def wait_for(condition: Callable[[], object], seconds: float = 250) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def steps(folder: RunFolder) -> int:
    return len(read_metrics(folder.metrics))


def positions(folder: RunFolder) -> list[tuple[object, ...]]:
    rows = read_metrics(folder.metrics)
    return [(row.step, row.values.get("train/position")) for row in rows]


def test_a_run_ends_with_a_manifest_and_a_second_time_is_repeated_beside_it(make_run):
    folder = RunFolder.create(make_run())
    done = worker(folder)
    assert (done.returncode, done.stderr) == (0, "")
    before = folder.manifest.read_bytes(), folder.metrics.read_bytes()
    for number in (1, 2):
        again = worker(folder)
        assert again.returncode == 0
        # 25 positions, one held-out value, and the manifest's one metric
        assert "Identical: all 27 values" in again.stderr
        assert RunFolder(folder.path.with_name(f"0.repeat{number}")).finished
    assert (folder.manifest.read_bytes(), folder.metrics.read_bytes()) == before


def test_a_repeat_that_differs_says_where_and_ends_with_1(make_run):
    folder = RunFolder.create(make_run("drifting"))
    assert worker(folder).returncode == 0
    again = worker(folder)
    assert again.returncode == 1
    assert "Not identical" in again.stderr
    assert "metrics.jsonl step 1 train/position: " in again.stderr
    assert "and 16 more" in again.stderr


def test_an_interrupted_repeat_is_compared_when_it_is_continued(make_run):
    folder = RunFolder.create(make_run())
    assert worker(folder).returncode == 0
    repeat = folder.repeat()
    done = worker(repeat)
    assert done.returncode == 0
    assert "Identical" in done.stderr


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_goes_on_and_ends_like_one_that_was_never_stopped(make_run, sent):
    folder = RunFolder.create(make_run("slow", steps=200))
    child = spawn(folder)
    wait_for(lambda: steps(folder) > 25)
    child.send_signal(sent)
    _, err = child.communicate()
    assert not folder.finished
    checkpoint = folder.last_checkpoint()
    assert checkpoint is not None
    if sent == signal.SIGKILL:
        assert child.returncode == -sent
    else:
        assert child.returncode == 128 + sent
        assert f"Stopped by {sent.name}, saved at step {folder.resume_step()}" in err
        assert f"python -m reasoning_lab.worker {folder.path}" in err
        assert "resume=auto" in err
    assert worker(folder).returncode == 0
    whole = RunFolder.create(make_run("slow", steps=200))
    assert worker(whole).returncode == 0
    assert positions(folder) == positions(whole)
    assert read(folder).metrics == read(whole).metrics


def test_a_second_ctrl_c_stops_at_once(make_run):
    folder = RunFolder.create(make_run(**SLOW))
    # A stage that does not look at the stop is the same walk, stuck in a long step.
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from reasoning_lab.runs.folder import RunFolder\n"
        "from reasoning_lab.worker import run_folder\n"
        "def stuck(run, folder):\n"
        "    folder.metrics.write_text('{\"step\": 1}\\n')\n"
        "    while True: time.sleep(0.01)\n"
        "sys.exit(run_folder(RunFolder(Path(sys.argv[1])), lambda kind: stuck))\n"
    )
    child = spawn(folder, "-c", code)
    wait_for(lambda: steps(folder) > 0)
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    assert "Stopped at once" in child.communicate()[1]
    assert child.returncode == 130


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("refused", 2, "data.path: there is no such [file]\n    → name one"),
        ("buggy", 1, "ZeroDivisionError: a bug"),
        ("full", 2, "could not be written: No space left on device; no checkpoint"),
    ],
)
def test_what_ends_a_run_is_told_on_stderr(make_run, name, status, words):
    folder = RunFolder.create(make_run(name))
    done = worker(folder)
    assert done.returncode == status
    assert words in done.stderr
    assert ("Traceback" in done.stderr) is (status == 1)
    assert folder.error.exists() is (status == 1)
    assert not folder.finished
    child = starter(folder)
    child.communicate()
    assert child.returncode == status
    assert folder.path.exists() is (status == 1)


def test_what_a_second_interrupt_leaves_is_told(tmp_path):
    folder = RunFolder(tmp_path)
    assert "no checkpoint had been saved" in stopped_at_once(folder)
    checkpoint = folder.checkpoints / "checkpoint-25"
    checkpoint.mkdir(parents=True)
    (checkpoint / COMPLETE).touch()
    assert "the checkpoint of step 25 is whole" in stopped_at_once(folder)


def test_a_folder_that_is_none_and_one_being_run_are_refused(make_run, tmp_path):
    assert "no run.json" in worker(RunFolder(tmp_path)).stderr
    folder = RunFolder.create(make_run())
    above = worker(RunFolder(folder.path.parent.parent)).stderr
    assert f"{folder.path} (not finished)" in above
    with held(folder):
        done = worker(folder)
    assert done.returncode == 2
    assert "is being run right now" in done.stderr


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_starter_hands_signals_on_and_returns_the_status(make_run, sent):
    folder = RunFolder.create(make_run(**SLOW))
    child = starter(folder)
    wait_for(lambda: steps(folder) > 3)
    child.send_signal(sent)
    _, err = child.communicate()
    seen = signal.SIGTERM if sent == signal.SIGHUP else sent
    assert child.returncode == 128 + seen
    assert f"Stopped by {seen.name}" in err
    assert folder.last_checkpoint() is not None


def test_a_ctrl_c_in_the_terminal_reaches_the_worker_once(make_run):
    folder = RunFolder.create(make_run(**SLOW))
    child = starter(folder, start_new_session=True)
    wait_for(lambda: steps(folder) > 3)
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate()
    assert child.returncode == 130
    assert "Stopped by SIGINT, saved at step" in err


def test_a_worker_outlives_its_dead_parent_only_to_save(make_run):
    folder = RunFolder.create(make_run(**SLOW))
    child = starter(folder)
    wait_for(lambda: steps(folder) > 3)
    pid = json.loads(folder.lock.read_text())["pid"]
    assert pid != child.pid
    assert work_in(folder) is Work.RUNNING
    child.kill()
    child.wait()
    assert work_in(folder) is not Work.RUNNING
    child.stdout.close()
    child.stderr.close()
    wait_for(lambda: not is_running(folder))
    gone = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    wait_for(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() in gone)
    assert folder.last_checkpoint() is not None
    assert not folder.error.exists()


def test_the_environment_is_set_before_the_stage_is_imported(make_run, monkeypatch):
    folder = RunFolder.create(make_run())
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from reasoning_lab.runs.folder import RunFolder\n"
        "from reasoning_lab.worker import run_folder\n"
        "def load(kind):\n"
        "    heavy = {'torch', 'transformers', 'wandb'} & set(sys.modules)\n"
        "    keys = ('PYTHONHASHSEED', 'OMP_NUM_THREADS', 'TOKENIZERS_PARALLELISM')\n"
        "    print(heavy, *(os.environ[key] for key in keys), sys.flags.hash_randomization)\n"
        "    sys.exit(0)\n"
        "run_folder(RunFolder(Path(sys.argv[1])), load)\n"
    )
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("PYTHONHASHSEED", "5")
    assert spawn(folder, "-c", code).communicate()[0] == "loading tiny\nset() 0 3 false 0\n"
