"""A worker: takes a job, calls the handler, answers; and so on until its channel closes."""

import ctypes
import math
import os
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable

from reasoning_lab.pool import wire

Handler = Callable[[str], str]

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_GRACE = 2  # seconds of CPU time past the wall limit; met only if the parent cannot kill


def die_with_parent(parent: int) -> None:
    """Be killed when the process `parent`, which just forked this one, ends (Linux).

    Elsewhere the limit of CPU time ends a busy worker, and its closed socket an idle one.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def serve(channel: socket.socket, handler: Handler, memory_mb: int) -> None:
    """Answer jobs from `channel` until it closes.

    A job that runs out of memory, or whose handler raises, is answered as such and ends the
    worker: what such a process still holds is nobody's guess, and a new one costs a fork.
    """
    limit = memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        while True:
            seconds, length = wire.JOB.unpack(wire.receive(channel, wire.JOB.size))
            text = wire.receive_text(channel, length)
            _limit_cpu(seconds)
            _answer(channel, wire.OK, handler(text))
    except wire.Gone:
        return
    except MemoryError:
        _answer(channel, wire.MEMORY, f"more than {memory_mb} MB")
    except Exception:
        _answer(channel, wire.ERROR, traceback.format_exc())
        raise


def _answer(channel: socket.socket, kind: bytes, text: str) -> None:
    data = wire.encode(text)
    channel.sendall(wire.ANSWER.pack(kind, len(data)) + data)


def _limit_cpu(seconds: float) -> None:
    """Let the kernel end a job that the parent did not end: the parent may be stopped, or dead."""
    until = math.ceil(time.process_time() + seconds) + _GRACE
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
