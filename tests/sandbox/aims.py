"""What attacks aim at: the self-test's targets, and sockets and a process of our own besides."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasoning_lab.sandbox.attack import targets


@contextlib.contextmanager
def aims() -> Iterator[dict[str, Any]]:
    """Targets that live as long as the context."""
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(targets())
        path = Path(there["file"]).parent / "socket"
        abstract = f"reasoning-lab-{os.getpid()}-{there['port']}"
        for address in (str(path), f"\0{abstract}"):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        path.chmod(0o777)
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(f"{path}-datagrams")
        Path(f"{path}-datagrams").chmod(0o777)
        queue = stack.enter_context(_queue())
        victim = subprocess.Popen(["sleep", "60"])
        stack.callback(victim.wait)
        stack.callback(victim.send_signal, signal.SIGKILL)
        yield there | {
            "unix": str(path),
            "datagrams": f"{path}-datagrams",
            "queue": queue,
            "abstract": abstract,
            "victim": victim.pid,
            "home": str(Path.home()),
            "packages": sysconfig.get_path("purelib"),
        }


@contextlib.contextmanager
def _queue() -> Iterator[int]:
    """A System V message queue with one message in it; -1 where there are none."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "msgget"):
        yield -1
        return
    number = libc.msgget(0, 0o1600)
    libc.msgsnd(number, ctypes.create_string_buffer(b"\1" + bytes(7) + b"hello"), 5, 0)
    try:
        yield number
    finally:
        libc.msgctl(number, 0, None)
