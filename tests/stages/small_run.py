"""Small runs as a user starts them: the lab's command in a process of its own."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 280  # seconds; a run takes about 15
OFFLINE = {**os.environ, "HF_HUB_OFFLINE": "1", "WANDB_MODE": "offline"}
SMALL = (
    "name=small tracker=none hardware=cpu data.train_size=40 data.heldout_size=20 "
    "stage.per_device_train_batch_size=8 stage.num_generations=4 stage.max_completion_length=40"
).split()


def lab(
    *arguments: str,
    cwd: Path = ROOT,
    module: str = "reasoning_lab",
    under: Sequence[str] = (),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """A command that came to its end; `under` is what it is started by."""
    return subprocess.run(
        [*under, sys.executable, "-m", module, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        env={**OFFLINE, **environment},
    )


def python(program: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A program that came to its end."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=OFFLINE,
    )


def start(output: Path, *overrides: str) -> subprocess.Popen[str]:
    """A small run, in a process group of its own, so that a kill takes the worker along."""
    return subprocess.Popen(
        [sys.executable, "-m", "reasoning_lab", *SMALL, f"output={output}", *overrides],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=OFFLINE,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status of a run, and what it said."""
    said, _ = process.communicate(timeout=TIMEOUT)
    return process.returncode, said


def wait_for(pattern: str, output: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a small run has left a file in its folder."""
    deadline = time.monotonic() + TIMEOUT
    while not list(output.glob(f"small/*/*/{pattern}")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def only_run(output: Path) -> Path:
    """The folder of the one small run."""
    (run_json,) = output.glob("small/*/*/run.json")
    return run_json.parent


def weights(folder: Path) -> str:
    """A hash of the final weights."""
    return hashlib.sha256((folder / "model" / "model.safetensors").read_bytes()).hexdigest()
