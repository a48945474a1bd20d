"""Handlers for the tests: they do what they are told, good or bad."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable


def obey() -> Callable[[str], str]:
    """A handler whose jobs say what to do."""
    return _obey


def _obey(job: str) -> str:
    verb, _, rest = job.partition(" ")
    if verb == "sleep":
        time.sleep(float(rest))
    elif verb == "spin":
        while True:
            pass
    elif verb == "eat":
        return str(len(bytearray(int(rest) * 2**20)))
    elif verb == "crash":
        ctypes.string_at(0)
    elif verb == "leave":
        os._exit(int(rest))
    elif verb == "raise":
        raise ZeroDivisionError(rest)
    elif verb == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    elif verb == "noise":
        print("noise on stdout", flush=True)
        print("noise on stderr", file=sys.stderr, flush=True)
        warnings.warn("noise as a warning", stacklevel=1)
        os.write(1, b"noise on 1")
        os.write(2, b"noise on 2")
    elif verb == "pid":
        return f"{os.getpid()} {os.getppid()}"
    elif verb == "environment":
        return "\n".join(sorted(os.environ))
    elif verb == "files":
        return " ".join(sorted(os.listdir("/proc/self/fd"), key=int))
    elif verb == "stdin":
        return sys.stdin.read()
    return job


def broken() -> Callable[[str], str]:
    """A factory that fails."""
    raise RuntimeError("no such luck")
