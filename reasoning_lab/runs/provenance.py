"""Where a run came from: code, versions, seeds, machine, memory."""

import os
import platform
import resource
import subprocess
import sys
import time
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import psutil

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.verb import Measuring

PROJECT = Path(__file__).resolve().parents[2]

# What can change a number; asked by name, so that nothing is imported for it.
PACKAGES = (
    "reasoning-lab torch transformers trl peft accelerate datasets tokenizers safetensors numpy "
    "bitsandbytes vllm deepspeed hydra-core omegaconf pydantic math-verify sympy reasoning-gym "
    "wandb trackio tensorboard"
).split()


class Git(Strict):
    """The lab's own checkout: commit and whether files differed from it."""

    revision: str
    dirty: bool


def git_state(project: Path = PROJECT) -> Git | None:
    """Commit and dirty flag, or None where `project` is not itself a checkout.

    An installed wheel may lie in the `.venv` of somebody else's repository: that one's commit
    says nothing about the lab, so the repository's root must be `project`.
    """
    root = _git(project, "rev-parse", "--show-toplevel")
    revision = _git(project, "rev-parse", "HEAD")
    if root is None or revision is None or Path(root).resolve() != project:
        return None
    return Git(revision=revision, dirty=bool(_git(project, "status", "--porcelain")))


def versions() -> dict[str, str]:
    """Python's version and that of each of `PACKAGES` that is installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def seeds(run: Run) -> dict[str, int]:
    """Every seed of the run by its configuration key."""
    found = {"seed": run.seed}
    if "data" in run.stage.reads:
        found["data.seed"] = run.data.seed
    if isinstance(run.stage, Measuring):
        found["stage.evaluation.seed"] = run.stage.evaluation.seed
    return found


def machine(run: Run) -> dict[str, str | int | float]:
    """Processor, cores this process may use, threads in use, memory (MiB), processes."""
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    shared = {}
    if run.stage.device:
        shared = {"processes": run.hardware.num_processes, "strategy": run.hardware.strategy}
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": cores(),
        "threads": int(os.environ.get("OMP_NUM_THREADS", cores())),
        "memory_mb": pages * page // 2**20,
        **shared,
    }


def process_start() -> float:
    """When this process began, imports included, on the clock of `time.perf_counter`."""
    return time.perf_counter() - (time.time() - float(psutil.Process().create_time()))


def cores() -> int:
    """CPU cores this process may run on (a container or a scheduler may grant fewer)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_memory_mb() -> float:
    """Largest resident memory so far of this process plus that of its largest ended child, MiB.

    An upper bound where the two did not peak together; children still alive do not count.
    """
    unit = 2**20 if sys.platform == "darwin" else 2**10
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage carries over the peak of the process that started this one; VmHWM does not.
        lines = status.read_text(encoding="utf-8").splitlines()
        own = next((int(x.split()[1]) / 2**10 for x in lines if x.startswith("VmHWM:")), own)
    return own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def _git(project: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(project), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
