"""What closes a process in: before its keeper forks it, and in the forked process itself."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the part of `signal` that is in C
import math
import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.sandbox import filter as seccomp
from reasoning_lab.sandbox import kernel, landlock, tree

INSIDE = 1000  # the user id of a program in its user namespace
NOBODY = 65534
_HANDLED = (int(signal.SIGCHLD), int(signal.SIGTERM), int(signal.SIGHUP))
_PRIVATE = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWPID
)


@dataclass(frozen=True, slots=True)
class Walls:
    """What a keeper puts around its programs; made by `levels`, told to the keeper as JSON.

    `namespaces`: `user` (in a user namespace of its own), `root` (without one, as real root) or
    `""`; `seccomp`: a filter for this machine; `landlock`: its version, 0 for none; `fork`:
    programs may make processes, and not threads only.
    """

    namespaces: str = ""
    seccomp: bool = False
    landlock: int = 0
    fork: bool = False


def enter_namespaces(kind: str) -> None:
    """New namespaces for this process (for pids: for its children); raises `OSError`."""
    if kind == "user":
        if os.geteuid() == 0:
            _map_from_outside()
        else:
            _map_from_inside()
    kernel.unshare(_PRIVATE)


def _map_from_inside() -> None:
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{INSIDE} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{INSIDE} {group} 1", encoding="ascii")


def _map_from_outside() -> None:
    """As root: programs get a user id that is nobody's outside, so that limits bind them."""
    ready, go = os.pipe()
    owner = os.getpid()
    helper = os.fork()
    if helper == 0:
        status = 1
        try:
            os.close(go)
            os.read(ready, 1)
            for name in ("uid_map", "gid_map"):
                lines = f"0 0 1\n{INSIDE} {NOBODY} 1"
                Path(f"/proc/{owner}/{name}").write_text(lines, encoding="ascii")
            status = 0
        finally:
            os._exit(status)
    os.close(ready)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER)
    finally:
        os.close(go)
        _, status = os.waitpid(helper, 0)
    if status:
        raise PermissionError("the user ids of the namespace cannot be set")


def owner(walls: Walls) -> int:
    """The user id that a program gets, in the keeper's own numbers."""
    return NOBODY if walls.namespaces == "root" else INSIDE


def plan(walls: Walls) -> bytes:
    """What can be worked out once for all programs: the seccomp filter; b"" for none."""
    if not walls.seccomp:
        return b""
    return seccomp.program(
        kernel.MACHINE,
        fork=walls.fork,
        opening=bool(walls.namespaces or walls.landlock),
        only_itself=not walls.namespaces,
    )


def close_in(walls: Walls, filter_: bytes, files_bytes: int, readable: Sequence[str]) -> None:
    """In a forked process: give up every right that its program must not have, for ever."""
    if walls.namespaces:
        kernel.unshare(kernel.CLONE_NEWNS)
        tree.private(files_bytes, owner(walls))
    else:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if kernel.LINUX:
        _become_nobody(walls)
    if walls.landlock and walls.namespaces:
        landlock.restrict(("/",), (tree.HOME,), walls.landlock)
    elif walls.landlock:
        landlock.restrict(readable, (), walls.landlock)
    if walls.seccomp:
        kernel.seccomp(seccomp.for_process(filter_, os.getpid()))


def _become_nobody(walls: Walls) -> None:
    if walls.namespaces and os.geteuid() == 0:
        user = owner(walls)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.drop_capabilities()
    kernel.no_new_privileges()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def limit(limits: dict[str, float], base_bytes: int, others: int) -> None:
    """The kernel's own limits, none of which the process can raise again.

    `base_bytes`: address space of the bare interpreter; `others`: processes of the same user in
    the same namespace that do not count.
    """
    memory = base_bytes + int(limits["memory_mb"]) * 2**20
    cpu = math.ceil(limits["cpu_seconds"])
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NPROC, int(limits["processes"]) + others),
        (resource.RLIMIT_NOFILE, int(limits["descriptors"])),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        _, hard = resource.getrlimit(kind)
        low = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (low, low))


def default_signals() -> None:
    """What the keeper ignores or handles is not what its programs do."""
    # Not by way of `signal`: its enumerations take longer than all the rest of this function.
    _signal.set_wakeup_fd(-1)
    for number in _HANDLED:
        _signal.signal(number, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
