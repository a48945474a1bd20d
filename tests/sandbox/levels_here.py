"""The walls to test: every kind that this machine can build, and why not the others."""

import os

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import filter as seccomp
from reasoning_lab.sandbox import kernel, landlock
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.walls import Walls

_FILTER = kernel.LINUX and seccomp.known(kernel.MACHINE)
WALLS = {
    "namespaces": Walls("user", _FILTER, landlock.version(), fork=True),
    "namespaces, as root without a user namespace": Walls("root", _FILTER, 0, fork=True),
    "process": Walls("", _FILTER, landlock.version()),
    "process, without Landlock": Walls("", _FILTER, 0),
}


def missing(name: str) -> str:
    """Why these walls cannot be built here; "" where they can."""
    if not _FILTER:
        return f"no seccomp filter on {kernel.MACHINE}"
    if WALLS[name].namespaces == "root" and os.geteuid() != 0:
        return "needs root"
    if name == "process" and not landlock.version():
        return "this kernel has no Landlock"
    try:
        Door(WALLS[name]).end()
    except SandboxError as error:
        return str(error)
    return ""
