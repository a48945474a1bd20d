"""A run over several processes: the same worker, once per device, through accelerate.

The process that the user sees holds the folder's lock and waits; the ranks do the work. Rank 0
alone writes and prints.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.spawn import WORKER, supervise
from reasoning_lab.schema.run import Run

_LAUNCHER = "REASONING_LAB_LAUNCHER"

_STRATEGY = {
    "ddp": "--multi_gpu",
    # Saved whole (FULL_STATE_DICT), so that the artifact loads on any number of devices.
    "fsdp2": "--use_fsdp --fsdp_version 2 --fsdp_reshard_after_forward true "
    "--fsdp_auto_wrap_policy TRANSFORMER_BASED_WRAP --fsdp_state_dict_type FULL_STATE_DICT",
    "zero3": "--use_deepspeed --zero_stage 3 --zero3_init_flag true --zero3_save_16bit_model true",
}


def is_rank() -> bool:
    """Whether this process is one of several that accelerate started."""
    return _LAUNCHER in os.environ


def is_main() -> bool:
    """Whether this process is the one that writes and prints."""
    return rank() == 0


def rank() -> int:
    """The number of this process among those that accelerate started; 0 when it is alone."""
    return int(os.environ.get("RANK", "0"))


def command(run: Run, folder: RunFolder) -> list[str]:
    """The command that starts `run.hardware.num_processes` workers."""
    hardware = run.hardware
    if hardware.device == "cpu":
        # accelerate would start a single process there; torch starts as many as it is told.
        options = "torch.distributed.run --standalone "
        options += f"--nproc-per-node {hardware.num_processes}"
    else:
        strategy = _STRATEGY["ddp" if hardware.strategy == "single" else hardware.strategy]
        options = f"accelerate.commands.launch {strategy} --num_processes {hardware.num_processes} "
        options += "--num_machines 1 --mixed_precision no --dynamo_backend no --main_process_port 0"
    return [sys.executable, "-m", *options.split(), *WORKER, str(folder.path)]


def launch(run: Run, folder: RunFolder) -> int:
    """Start the ranks, wait for them, and return rank 0's exit status."""
    noted = _status_file(folder)
    noted.unlink(missing_ok=True)
    status = supervise(command(run, folder), {**os.environ, _LAUNCHER: str(os.getpid())})
    if not noted.exists():
        return status
    # accelerate turns every failure of a rank into 1; the rank's own status says more.
    status = int(noted.read_text(encoding="utf-8"))
    noted.unlink()
    return status


def report_status(folder: RunFolder, status: int) -> None:
    """In rank 0 of several: leave the exit status for the launching process."""
    if is_rank() and is_main():
        _status_file(folder).write_text(str(status), encoding="utf-8")


def watch_launcher() -> None:
    """In a rank: send this process a SIGTERM when the launching process is gone."""
    launcher = int(os.environ[_LAUNCHER])
    threading.Thread(target=_wait, args=(launcher,), name="launcher-watch", daemon=True).start()


def _wait(launcher: int) -> None:
    while Path(f"/proc/{launcher}").exists() or not Path("/proc").exists():
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _status_file(folder: RunFolder) -> Path:
    return folder.path / ".status"
