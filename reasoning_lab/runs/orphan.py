"""Noticing in the worker that the process which started it is gone."""

import os
import select
import signal
import threading
from pathlib import Path

from reasoning_lab.runs.spawn import PARENT_PIPE


def watch_parent(log: Path) -> None:
    """Send this process a SIGTERM when its parent's pipe closes; no pipe, nothing to watch.

    Output that nobody can read any more (the parent's terminal or pipe is gone too) goes to
    `log` from then on: writing to a closed pipe would end the run before its checkpoint.
    """
    number = os.environ.pop(PARENT_PIPE, None)
    if number is None:
        return
    handle = int(number)
    os.set_inheritable(handle, False)
    threading.Thread(target=_wait, args=(handle, log), name="parent-watch", daemon=True).start()


def _wait(handle: int, log: Path) -> None:
    while os.read(handle, 1):
        continue
    _rescue_output(log)
    os.kill(os.getpid(), signal.SIGTERM)


def _rescue_output(log: Path) -> None:
    poll = select.poll()
    for stream in (1, 2):
        poll.register(stream, 0)
    dead = [stream for stream, event in poll.poll(0) if event & (select.POLLERR | select.POLLHUP)]
    if dead:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        for stream in dead:
            os.dup2(target, stream)
        os.close(target)
