"""What attacks aim at: the self-test's targets, and sockets and a process of our own besides."""

from __future__ import annotations

import contextlib
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
        victim = subprocess.Popen(["sleep", "60"])
        stack.callback(victim.wait)
        stack.callback(victim.send_signal, signal.SIGKILL)
        yield there | {
            "unix": str(path),
            "abstract": abstract,
            "victim": victim.pid,
            "home": str(Path.home()),
            "packages": sysconfig.get_path("purelib"),
        }
