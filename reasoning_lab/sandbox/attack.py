"""What hostile programs try, as programs: each prints `through` when it has got what it wanted.

The same text runs inside, where none may get through, and in the tests first outside, where all
of them do. `T` holds what there is to reach on this machine: files, a port, a process.
"""

import contextlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reasoning_lab.sandbox.kernel import LINUX
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.walls import Walls

THROUGH = "through"
_GLANCE = 0.02  # seconds between looks for a mark that may still come
_SHORT = Limits(wall_seconds=0.4, cpu_seconds=1.0, output_bytes=4096)


def everywhere(_: Walls) -> bool:
    """Stopped at every level."""
    return True


def on_linux(_: Walls) -> bool:
    """Stopped at every level, but by limits that only Linux keeps."""
    return LINUX


def by_filter(walls: Walls) -> bool:
    """Stopped where there is a seccomp filter."""
    return walls.seccomp


def by_either(walls: Walls) -> bool:
    """Stopped by namespaces or by a seccomp filter."""
    return bool(walls.namespaces or walls.seccomp)


def by_namespaces(walls: Walls) -> bool:
    """Stopped by namespaces only."""
    return bool(walls.namespaces)


@dataclass(frozen=True, slots=True)
class Attack:
    """A hostile program, and at which levels it is claimed to be stopped.

    `lasts`: seconds after its end within which its mark may still come.
    """

    name: str
    code: str
    stopped: Callable[[Walls], bool] = everywhere
    limits: Limits = field(default_factory=lambda: Limits(wall_seconds=3.0))
    lasts: float = 0.0

    def job(self, targets: dict[str, Any]) -> Job:
        """The program, knowing its targets."""
        return Job(f"T = {json.dumps(targets)}\n{self.code}", limits=self.limits)


def got_through(outcome: Outcome, targets: dict[str, Any], seconds: float = 0.0) -> bool:
    """Whether the attack leaves its mark, in its output or within `seconds` in the open folder."""
    until = time.monotonic() + seconds
    while not (marked := THROUGH in outcome.stdout or any(Path(targets["folder"]).iterdir())):
        if (left := until - time.monotonic()) <= 0:
            break
        time.sleep(min(left, _GLANCE))
    return marked


@contextlib.contextmanager
def targets() -> Iterator[dict[str, Any]]:
    """Things of our own to aim at: a readable file, an open folder, a listening port, a process."""
    name = "REASONING_LAB_TEST_SECRET"
    with tempfile.TemporaryDirectory() as base, socket.socket() as listener:
        Path(base).chmod(0o755)
        folder, secret = Path(base, "open"), Path(base, "secret")
        folder.mkdir()
        folder.chmod(0o777)
        secret.write_text("a key", encoding="utf-8")
        secret.chmod(0o644)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        os.environ[name] = "a key"
        try:
            yield {
                "file": str(secret),
                "folder": str(folder),
                "port": listener.getsockname()[1],
                "pid": os.getpid(),
                "variable": name,
                "project": str(Path(__file__).resolve()),
            }
        finally:
            os.environ.pop(name, None)


FIRST = (
    Attack("read the parent's environment", """
import os
if T["variable"] in os.environ: print("through")
"""),
    Attack("read the parent's environment in /proc", """
data = open(f"/proc/{T['pid']}/environ", "rb").read()
print("through")
""", by_either),
    Attack("read a file of the user", """
print("through") if open(T["file"]).read() else None
""", by_either),
    Attack("read the project's source", """
print("through") if open(T["project"]).read() else None
""", by_either),
    Attack("write outside of its folder", """
open(T["folder"] + "/mark", "w").write("here")
""", by_either),
    Attack("connect to a port", """
import socket
socket.create_connection(("127.0.0.1", T["port"]), timeout=2)
print("through")
""", by_either),
    Attack("signal the parent", """
import os
if T["pid"] != os.getpid():  # as in a container, whose first process may be the parent
    os.kill(T["pid"], 0)
    print("through")
""", by_either),
    Attack("start another program", """
import os
read, write = os.pipe()
pid = os.posix_spawn("/bin/echo", ["echo", "through"], {})
os.waitpid(pid, 0)
""", by_either),
    Attack("a new user namespace", """
import ctypes
if ctypes.CDLL(None).unshare(0x10000000) == 0: print("through")
""", by_filter),
    Attack("use a leaked descriptor", """
import os
for number in range(4, 2048):
    try: os.fstat(number)
    except OSError: continue
    print("through", number)
"""),
    Attack("fill memory", """
data = bytearray(700 * 2**20)
for at in range(0, len(data), 4096): data[at] = 1
print("through")
""", on_linux),
    Attack("flood stdout", """
for _ in range(1000): print("x" * 1000)
print("through")
""", limits=Limits(wall_seconds=3.0, output_bytes=4096)),
    Attack("sleep past the limit", """
import time
time.sleep(1.0)
print("through")
""", limits=_SHORT),
    Attack("outlive its run", """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(0.1)
        open(T["folder"] + "/outlived", "w").write("here")
    os._exit(0)
""", by_either, lasts=0.45),
)  # fmt: skip
