"""What closes a process in: before its keeper forks it, and in the forked process itself."""

import _signal  # type: ignore[import-not-found]  # the part of `signal` that is in C
import gc
import math
import os
import resource
import signal
from collections.abc import Iterator, Sequence
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
    programs may make processes, and not threads only; `outside`: their limit of computing time is
    set from outside, and they cannot change it.
    """

    namespaces: str = ""
    seccomp: bool = False
    landlock: int = 0
    fork: bool = False
    outside: bool = False

    @property
    def apart(self) -> bool:
        """Whether the kernel counts the processes of each program by themselves, if it makes any.

        Before Linux 5.14, where none may, those of a user are counted on the whole machine.
        """
        return self.namespaces == "user" and self.fork


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


def enter(walls: Walls, files_bytes: int) -> list[kernel.Step]:
    """The calls before a fork for a program whose folder has `files_bytes`."""
    if not walls.namespaces:
        return []
    unshared = kernel.unshare, (kernel.CLONE_NEWPID | kernel.CLONE_NEWNS,)
    return [unshared, *tree.private(files_bytes, owner(walls))]


def prepare(walls: Walls, readable: Sequence[str], descriptors: int) -> list[kernel.Step]:
    """In the keeper: give up what it does not need itself, and work out what its programs do.

    The calls by which a forked process gives up every right that its program must not have, for
    ever: nothing but calls, since Python copies memory with every name that it looks up in a
    forked process. Of its `descriptors` open files at most the first four stay.
    """
    steps: list[kernel.Step] = [*_default_signals(), (gc.enable, ())]
    if not walls.namespaces:
        steps.append((os.setsid, ()))
        steps.append((resource.setrlimit, (resource.RLIMIT_FSIZE, (0, 0))))
    if kernel.LINUX:
        if not walls.namespaces:  # no first process whose end is theirs
            steps.append((kernel.prctl, (kernel.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)))
        kernel.bound_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        steps += _become_nobody(walls)
    if walls.landlock:
        readable, writable = (["/"], [tree.OUTER]) if walls.namespaces else (readable, [])
        rules = landlock.ruleset(readable, [*writable, os.devnull], walls.landlock)
        os.dup2(rules, descriptors - 1)  # out of the way of those that stay
        os.close(rules)
        steps.append(landlock.restrict(descriptors - 1))
    if walls.seccomp:
        steps.append(_filtered(walls))
    return [*steps, (os.closerange, (4, descriptors))]


def seal(walls: Walls) -> list[kernel.Step]:
    """The calls after `limit`: what a program must not change of the limits set there."""
    if not walls.seccomp or walls.outside:
        return []
    return [kernel.seccomp(seccomp.for_limits(kernel.MACHINE))]


def _default_signals() -> Iterator[kernel.Step]:
    """What the keeper ignores or handles is not what its programs do."""
    # Not by way of `signal`: its enumerations take longer than all the rest here.
    yield _signal.set_wakeup_fd, (-1,)
    for number in _HANDLED:
        yield _signal.signal, (number, _signal.SIG_DFL)
    yield _signal.signal, (int(signal.SIGINT), _signal.default_int_handler)


def _become_nobody(walls: Walls) -> Iterator[kernel.Step]:
    if walls.namespaces and os.geteuid() == 0:
        user = owner(walls)
        yield os.setgroups, ([],)
        yield os.setresgid, (user, user, user)
        yield os.setresuid, (user, user, user)
    if walls.apart:  # a namespace without any right; the kernel counts its processes as its own
        yield kernel.unshare, (kernel.CLONE_NEWUSER,)
    yield kernel.no_capabilities()
    yield kernel.prctl, (kernel.PR_SET_DUMPABLE, 0, 0, 0, 0)


def _filtered(walls: Walls) -> kernel.Step:
    """Put up the keeper's part of the seccomp filter; the call that puts up the rest."""
    only_itself = not walls.namespaces
    opening = bool(walls.namespaces or walls.landlock)
    common = seccomp.for_keeper(kernel.MACHINE, opening=opening, only_itself=only_itself)
    rest = seccomp.for_programs(
        kernel.MACHINE, fork=walls.fork, only_itself=only_itself, limited=walls.outside
    )
    put, arguments = kernel.seccomp(common)
    put(*arguments)
    return (_filter_itself, (rest,)) if only_itself else kernel.seccomp(rest)


def _filter_itself(filter_: bytes) -> None:
    put, arguments = kernel.seccomp(seccomp.for_process(filter_, os.getpid()))
    put(*arguments)


def limit(limits: dict[str, float], base_bytes: int, others: int) -> None:
    """The kernel's own limits, none of which the process can raise again.

    Not that of computing time where `limits` have none: then it is set from outside. `base_bytes`:
    address space of the bare interpreter; `others`: processes that are counted with its own.
    """
    wanted = [
        (resource.RLIMIT_AS, base_bytes + int(limits["memory_mb"]) * 2**20),
        (resource.RLIMIT_NPROC, int(limits["processes"]) + others),
        (resource.RLIMIT_NOFILE, int(limits["descriptors"])),
    ]
    if "cpu_seconds" in limits:
        wanted.append((resource.RLIMIT_CPU, math.ceil(limits["cpu_seconds"])))
    for kind, most in wanted:
        _, hard = resource.getrlimit(kind)
        low = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (low, low))
