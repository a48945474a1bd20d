"""Starting a run's worker as a process of its own, and never leaving one behind.

The child runs in a session of its own, so a Ctrl-C in the terminal reaches it once, through this
process, and not its helpers. It holds the reading end of a pipe whose writing end stays here:
however this process dies, the pipe closes, and the child takes that for a SIGTERM. It inherits the
lock of its folder, so the folder is taken without a gap from the choice to the worker's end.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from reasoning_lab.errors import REFUSED
from reasoning_lab.runs.discard import discard_untouched
from reasoning_lab.runs.environment import worker_environment
from reasoning_lab.runs.lock import LOCK_HANDLE, Claim
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.stages import VERBS

PARENT_PIPE = "REASONING_LAB_PARENT_PIPE"
"""Environment variable with the number of the pipe's reading end."""

WORKER = ("-m", "reasoning_lab.worker")

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start(taken: Claim, program: Sequence[str] = WORKER) -> int:
    """Run the worker of a claimed folder to its end, free the folder, return the exit status.

    It writes to this process's stdout and stderr. SIGINT and SIGTERM are handed on, and waited
    for (SIGHUP, a closed terminal, is handed on as SIGTERM). A worker killed by signal N counts
    as status 128 + N. A run that is refused (status 2) before anything was measured leaves no
    folder behind.
    """
    folder = taken.folder
    plain = json.loads(folder.run_json.read_text(encoding="utf-8"))
    hardware = Hardware.model_validate(plain["hardware"]) if "hardware" in plain else None
    environment = worker_environment(hardware, os.environ) | {LOCK_HANDLE: str(taken.handle)}
    # Only a verb that talks with a person may take what is typed.
    typed = None if VERBS[plain["stage"]["kind"]].interactive else subprocess.DEVNULL
    command = [sys.executable, *program, str(folder.path)]
    try:
        status = supervise(command, environment, typed, taken.leave, (taken.handle,))
        if status == REFUSED:
            discard_untouched(folder)
    finally:
        taken.release()
    return status


def supervise(
    command: Sequence[str],
    environment: Mapping[str, str],
    typed: int | None = subprocess.DEVNULL,
    on_signal: Callable[[], None] = lambda: None,
    handles: Sequence[int] = (),
) -> int:
    """Run `command` as a child bound to this process's life; return its exit status.

    `typed`: what it reads as its standard input; None: what this process reads. `on_signal` is
    called when a signal is handed on. The child inherits the open files `handles`.
    """
    reading, writing = os.pipe()
    try:
        with _forwarding(on_signal) as adopt:
            child = subprocess.Popen(
                command,
                env={**environment, PARENT_PIPE: str(reading)},
                pass_fds=(reading, *handles),
                stdin=typed,
                start_new_session=True,
            )
            adopt(child)
            status = child.wait()
    finally:
        os.close(reading)
        os.close(writing)
    return status if status >= 0 else 128 - status


@contextmanager
def _forwarding(
    on_signal: Callable[[], None],
) -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Hand signals on to the child that is adopted, those that came before it included."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        number = signal.SIGTERM if number == signal.SIGHUP else number
        on_signal()
        if not children:
            early.append(number)
        for child in children:
            child.send_signal(number)

    def adopt(child: subprocess.Popen[bytes]) -> None:
        children.append(child)
        for number in early:
            child.send_signal(number)

    # Only the main thread may set handlers; elsewhere the pipe alone guards the child.
    if threading.current_thread() is not threading.main_thread():
        yield adopt
        return
    earlier = {number: signal.signal(number, handle) for number in _FORWARDED}
    try:
        yield adopt
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
