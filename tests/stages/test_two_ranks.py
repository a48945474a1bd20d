"""Two processes train one model on the CPU, and leave one run behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_run import OFFLINE, ROOT, lab

from reasoning_lab.rewards.advantage import advantages
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import INTERFACE

pytestmark = pytest.mark.slow

RANKS = ["hardware=ddp", "hardware.device=cpu", "hardware.num_processes=2", "hardware.threads=1"]
# A host of this name, which no hosts file and no server knows.
NAMELESS = ["unshare", "--uts", "sh", "-c", 'hostname nosuchhost.invalid; exec "$@"', "sh"]
TINY = [
    *["stage=sft", "stage.max_steps=1", "stage.warmup_steps=0", "stage.save_steps=1"],
    *["stage.evaluation.problems=2", "stage.evaluation.problems_during=2"],
    *["data.train_size=40", "data.heldout_size=20", "tracker=none", "name=ranks"],
]


def remains(folder: Path) -> list[psutil.Process]:
    """Processes that have a place below `folder` on their command line."""
    lines = {one: one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])}
    return [one for one, words in lines.items() if any(str(folder) in word for word in words)]


def test_ranks_meet_on_a_host_whose_name_does_not_resolve(tmp_path: Path) -> None:
    if subprocess.run([*NAMELESS, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not give a process a host name of its own")
    done = lab(*RANKS, *TINY, f"output={tmp_path}", under=NAMELESS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.glob("ranks/*/*/manifest.json"))
    assert "resolve" not in done.stderr


@pytest.mark.long
def test_ranks_that_cannot_meet_end_with_one_error(tmp_path: Path) -> None:
    done = lab(*RANKS, *TINY, f"output={tmp_path}", **{INTERFACE: "nosuch0"})
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("One problem:\n  hardware.num_processes: ")
    assert "nosuch0" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("One problem") == 1
    assert remains(tmp_path) == []
    assert not list(tmp_path.iterdir())


@pytest.mark.long
def test_ranks_that_outlive_their_launcher_are_waited_for(tmp_path: Path) -> None:
    words = [*RANKS, *TINY, f"output={tmp_path}", "stage.max_steps=2"]
    first = subprocess.Popen(
        [sys.executable, "-m", "reasoning_lab", *words],
        cwd=ROOT,
        env=OFFLINE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (found := list(tmp_path.glob("ranks/*/*/before.jsonl"))):
        assert first.poll() is None
        time.sleep(0.05)
    folder = RunFolder(found[0].parent)
    os.kill(json.loads(folder.lock.read_text())["pid"], signal.SIGKILL)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    again = lab(*words, "resume=auto")
    assert again.returncode == 0, again.stdout + again.stderr
    assert list(tmp_path.glob("ranks/*/*/run.json")) == [folder.run_json]
    assert folder.finished
    assert remains(tmp_path) == []


def test_two_ranks_leave_one_whole_run(tmp_path: Path) -> None:
    small = [
        *["stage.max_steps=2", "stage.warmup_steps=0", "stage.save_steps=1"],
        *["stage.per_device_train_batch_size=4", "stage.num_generations=4"],
        *["stage.evaluation.problems=6", "stage.evaluation.problems_during=4"],
        # Two batches a step, so that groups are numbered over batches and ranks.
        *["stage.gradient_accumulation_steps=2", "+stage.trl.steps_per_generation=1"],
        *["stage.evaluation.every=1", "data.train_size=40", "data.heldout_size=20"],
    ]
    grouped = ["+reward/term@reward.terms.length_group=length_group"]
    ranks = ["hardware=ddp", "hardware.device=cpu", "hardware.num_processes=2"]
    place = [f"output={tmp_path}", "name=ranks", "hardware.threads=1", "tracker=none"]
    done = lab(*ranks, *small, *grouped, *place)
    assert done.returncode == 0, done.stdout + done.stderr
    # Only the first rank speaks.
    for said in ("loading tiny", "measuring before training", "step 0, held out"):
        assert done.stdout.count(said) == 1, done.stdout
    assert "WANDB" not in done.stdout
    assert "find_unused_parameters" not in done.stderr
    (manifest,) = tmp_path.glob("ranks/*/*/manifest.json")
    assert json.loads(manifest.read_text())["hardware"]["processes"] == 2
    folder = manifest.parent
    assert len((folder / "problems.jsonl").read_text().splitlines()) == 6
    # What both ranks wrote, each once: 2 batches of 2 ranks make 4 groups a step.
    samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    where = [(row["step"], row["group"]) for row in samples]
    assert where == [(step, group) for step in (1, 2) for group in range(4) for _ in range(4)]
    for place in range(0, len(samples), 4):
        group = samples[place : place + 4]
        assert len({row["id"] for row in group}) == 1
        totals = [row["total"] for row in group]
        assert [row["advantage"] for row in group] == pytest.approx(
            advantages(totals, [0] * 4, scale="group"), abs=1e-6
        )
    measured = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in measured if "heldout/greedy/pass@1" in row] == [0, 1, 2]
    again = ["stage=replay", f"replay.path={folder}", f"output={tmp_path}", "name=again"]
    replayed = lab(*again, *grouped)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "32 completions, 8 groups, 2 steps" in replayed.stdout
    assert "left out" not in replayed.stdout
