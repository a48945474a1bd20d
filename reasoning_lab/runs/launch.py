"""A run over several processes: the same worker, once per device, through accelerate.

The process that the user sees holds the folder's lock and waits; the ranks do the work. Rank 0
alone writes and prints.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.spawn import WORKER, supervise
from reasoning_lab.schema.run import Run

INTERFACE = "GLOO_SOCKET_IFNAME"
"""Environment variable with the network interface that ranks on the CPU speak through."""

_LAUNCHER = "REASONING_LAB_LAUNCHER"
_QUIET = ("reasoning_lab.model.start_ranks",)
# Ranks of one machine meet here, whatever it is called: its name need not resolve, and where it
# does not, torch would look it up for minutes. accelerate's own address is the same.
_HERE = "127.0.0.1"
_LOOPBACKS = ("lo", "lo0")

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
        options = f"torch.distributed.run --rdzv-backend c10d --rdzv-endpoint {_HERE}:0 "
        options += f"--local-addr {_HERE} --nproc-per-node {hardware.num_processes}"
    else:
        strategy = _STRATEGY["ddp" if hardware.strategy == "single" else hardware.strategy]
        options = f"accelerate.commands.launch {strategy} --num_processes {hardware.num_processes} "
        options += "--num_machines 1 --mixed_precision no --dynamo_backend no --main_process_port 0"
    return [sys.executable, "-m", *_QUIET, *options.split(), *WORKER, str(folder.path)]


def launch(run: Run, folder: RunFolder, on_signal: Callable[[], None]) -> int:
    """Start the ranks, wait for them, and return the exit status of the whole.

    `on_signal` is called when a signal is handed on to them.
    """
    noted, failed = _status_file(folder), _failure_file(folder)
    noted.unlink(missing_ok=True)
    failed.unlink(missing_ok=True)
    environment = {**_interface(), **os.environ, _LAUNCHER: str(os.getpid())}
    status = supervise(command(run, folder), environment, on_signal=on_signal)
    # accelerate turns every failure of a rank into 1, and ends the others, rank 0 perhaps among
    # them: the status of the one that failed first says more, then rank 0's.
    for told in (noted, failed):
        if told.exists():
            status = int(told.read_text(encoding="utf-8"))
            told.unlink()
    return status


def _interface() -> dict[str, str]:
    """The interface of `_HERE`, where it has a name that is known."""
    there = [name for _, name in socket.if_nameindex() if name in _LOOPBACKS]
    return {INTERFACE: there[0]} if there else {}


def report_status(folder: RunFolder, status: int) -> None:
    """In rank 0 of several: leave the exit status for the launching process."""
    if is_rank() and is_main():
        _status_file(folder).write_text(str(status), encoding="utf-8")


def first_failure(folder: RunFolder, status: int) -> bool:
    """Note that this process fails with `status`; whether it is the first of all, who tells why.

    What the others fail of is that one.
    """
    if not is_rank():
        return True
    try:
        handle = os.open(_failure_file(folder), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    os.write(handle, str(status).encode())
    os.close(handle)
    return True


def failed_elsewhere(folder: RunFolder) -> bool:
    """Whether this is a rank, and it is stopped because another one has failed."""
    return is_rank() and _failure_file(folder).exists()


def watch_launcher() -> None:
    """In a rank: send this process a SIGTERM when the launching process is gone.

    If it is gone already, before this returns: another one may have taken the folder.
    """
    launcher = int(os.environ[_LAUNCHER])
    if not _lives(launcher):
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Thread(target=_wait, args=(launcher,), name="launcher-watch", daemon=True).start()


def _wait(launcher: int) -> None:
    while _lives(launcher):
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists() or not Path("/proc").exists()


def _status_file(folder: RunFolder) -> Path:
    return folder.path / ".status"


def _failure_file(folder: RunFolder) -> Path:
    return folder.path / ".failed"
