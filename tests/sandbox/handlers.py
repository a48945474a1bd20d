"""Handlers for the tests: they do what a job tells them, good or bad."""

import ctypes
import os
import sys
import time
import warnings
from collections.abc import Callable


def prepare() -> Callable[[str], str]:
    """A handler whose jobs are a verb and its argument."""
    return _obey


def broken() -> Callable[[str], str]:
    """A factory that fails."""
    raise RuntimeError("no such luck")


def slow() -> Callable[[str], str]:
    """A factory that takes its time."""
    time.sleep(30)
    return _obey


def _obey(job: str) -> str:
    verb, _, argument = job.partition(" ")
    return VERBS[verb](argument)


def _spin(_: str) -> str:
    while True:
        pass


def _recurse(argument: str) -> str:
    return _recurse(argument) + argument


def _crash(_: str) -> str:
    ctypes.string_at(0)
    return "still here"


def _once(path: str) -> str:
    """Die the first time only."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "the second time"
    os._exit(7)


def _noise(_: str) -> str:
    sys.stdout.write("noise on stdout\n")
    sys.stderr.write("noise on stderr\n")
    sys.stdout.flush()
    warnings.warn("noise as a warning", stacklevel=1)
    os.write(1, b"noise on 1")
    os.write(2, b"noise on 2")
    return "done"


def _raise(argument: str) -> str:
    raise ZeroDivisionError(argument)


def _sleep(seconds: str) -> str:
    time.sleep(float(seconds))
    return seconds


VERBS: dict[str, Callable[[str], str]] = {
    "say": str,
    "length": lambda text: str(len(text)),
    "sleep": _sleep,
    "spin": _spin,
    "eat": lambda megabytes: str(len(bytearray(int(megabytes) * 2**20))),
    "recurse": _recurse,
    "crash": _crash,
    "once": _once,
    "leave": lambda status: os._exit(int(status)),
    "raise": _raise,
    "noise": _noise,
    "flood": lambda megabytes: "x" * (int(megabytes) * 2**20),
    "pids": lambda _: f"{os.getpid()} {os.getppid()}",
    "session": lambda _: str(os.getsid(0)),
    "environment": lambda _: " ".join(sorted(os.environ)),
    "files": lambda _: " ".join(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names, not paths
    "stdin": lambda _: sys.stdin.read(),
}
