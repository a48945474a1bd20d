"""A run that samples, killed at random moments: what it stored stays, and the end is the same."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from user import lab, only

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
KILLS = 10
PROBLEMS = 300
MEASURED = (
    f"stage=evaluate hardware=cpu hardware.threads=1 tracker=none data.heldout_size={PROBLEMS} "
    "stage.evaluation.batch_size=8 way=[think,sampled] stage.evaluation.samples=2 resume=auto"
).split()


def stored(folder: Path) -> list[bytes]:
    """The whole lines of all stores below a folder, headers aside."""
    files = sorted(folder.glob("evaluate/*/*/sampled/*.jsonl"))
    lines = [line for file in files for line in file.read_bytes().splitlines(keepends=True)]
    return [line for line in lines if line.endswith(b"\n") and b'"store"' not in line]


def alone(output: Path) -> subprocess.Popen[bytes]:
    """The run in a process group of its own, so that a kill takes its worker along."""
    command = [sys.executable, "-m", "reasoning_lab", *MEASURED, f"output={output}"]
    return subprocess.Popen(
        command,
        cwd=output,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def test_ten_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    assert lab(whole, *MEASURED).returncode == 0
    wanted, draw = len(stored(whole)), random.Random(0)
    assert wanted == 2 * 2 * PROBLEMS
    before: list[bytes] = []
    for kill in range(1, KILLS + 1):
        process = alone(killed)
        # Each life may store a tenth of all, and a little by chance.
        aim = int(wanted * (kill - draw.random()) / (KILLS + 1))
        while process.poll() is None and len(stored(killed)) <= aim:
            time.sleep(0.02)
        assert process.poll() is None, "it came to its end before it was killed"
        subprocess.run(["kill", "-KILL", "--", f"-{process.pid}"], check=True)
        assert process.wait() == -signal.SIGKILL
        now = stored(killed)
        assert set(before) <= set(now), "something that was stored is gone"
        assert len(set(now)) == len(now), "something was sampled twice"
        before = now
    assert lab(killed, *MEASURED).returncode == 0
    (first, second) = (only(output, "evaluate/*/*") for output in (whole, killed))
    for name in ("problems.jsonl", "sampled/think.jsonl", "sampled/sampled.jsonl"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    shares = [
        {name: value for name, value in read(RunFolder(one)).metrics.items() if "perf/" not in name}
        for one in (first, second)
    ]
    assert shares[0] == shares[1]
