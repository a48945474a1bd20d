"""The isolation levels: which of them this machine has, and what each promises."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import filter as seccomp
from reasoning_lab.sandbox import kernel, landlock, remote
from reasoning_lab.sandbox.proof import prove
from reasoning_lab.sandbox.remedy import ADDRESS, remedy
from reasoning_lab.sandbox.walls import Walls

NAMES = ("auto", "namespaces", "process", "remote")
_LOCK = threading.Lock()
_KNOWN: dict[tuple[str, tuple[str, ...]], "Level"] = {}


@dataclass(frozen=True, slots=True)
class Level:
    """An isolation level as it is here: its name and how it is made.

    In words: `kept`, what programs cannot do at it, `by` which means, and for a level weaker than
    namespaces or of another machine `gaps`, what is not guaranteed.
    """

    name: str
    kept: str
    by: str
    gaps: str
    walls: Walls
    address: str = ""


def _renew() -> None:
    """In a forked child: whoever held the lock is not there to let go of it."""
    global _LOCK  # noqa: PLW0603 - a lock cannot be opened from outside
    _LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def choose(isolation: str, modules: Sequence[str] = ()) -> Level:
    """The level asked for; `auto` is the strongest that works, never less than `namespaces`.

    The first call for a level runs the self-test. Raises `SandboxError` where this machine does
    not have the level, or the self-test finds that it does not hold.
    """
    if isolation not in NAMES:
        raise SandboxError.one(
            "isolation", f"unknown level {isolation!r}", f"one of {', '.join(NAMES)}"
        )
    name = "namespaces" if isolation == "auto" else isolation
    key = name, tuple(modules)
    with _LOCK:
        if key not in _KNOWN:
            _KNOWN[key] = _remote() if name == "remote" else _local(name, modules)
        return _KNOWN[key]


def detect() -> dict[str, str]:
    """Every local level: "" where it works here, otherwise why not. Takes a second or two."""
    found = {}
    for name in ("namespaces", "process"):
        try:
            choose(name)
            found[name] = ""
        except SandboxError as error:
            found[name] = str(error)
    return found


def _local(name: str, modules: Sequence[str]) -> Level:
    reasons: list[str] = []
    for walls in _candidates(name, reasons):
        try:
            wrong = prove(walls, modules)
        except SandboxError as error:
            reasons.append(error.problems[0].what)
            continue
        if not wrong:
            return _described(name, walls)
        reasons += wrong
    what = "; ".join(dict.fromkeys(reasons)) or "not on this system"
    if modules and _works(name):
        cure = "install what fails, or drop it (in a run from reward.terms.code.params.modules)"
        raise SandboxError.one(f"modules={','.join(modules)}", what, cure)
    cure = remedy(os.geteuid()) if name == "namespaces" else "ask for another isolation level"
    raise SandboxError.one(f"isolation={name}", what, cure)


def _works(name: str) -> bool:
    """Whether the level can be had without any modules."""
    try:
        _local(name, ())
    except SandboxError:
        return False
    return True


def _candidates(name: str, reasons: list[str]) -> Iterator[Walls]:
    filtered = kernel.LINUX and seccomp.known(kernel.MACHINE)
    locks = landlock.version()
    if name == "process":
        yield Walls("", filtered, locks, fork=False, outside=filtered)
        return
    if not kernel.LINUX:
        reasons.append("namespaces are a part of Linux, and this is another system")
    elif not filtered:
        reasons.append(f"there is no table of system calls for {kernel.MACHINE}")
    else:
        # Before 5.14 the limit of processes counts the whole user's, on all the machine.
        # Nor may it make any where they cannot be seen; the self-test finds that out.
        for fork in (True, False) if _release() >= (5, 14) else (False,):
            yield Walls("user", filtered, locks, fork, outside=True)
            if os.geteuid() == 0:
                # Root without the right to set limits of others is found in containers.
                yield Walls("root", filtered, locks, fork, outside=True)
                yield Walls("root", filtered, locks, fork)


def _release() -> tuple[int, int]:
    first, second, *_ = os.uname().release.split(".")
    return int(first), int("".join(c for c in second if c.isdigit()) or 0)


_BOUNDED = "time, memory and output are limited"


def _described(name: str, walls: Walls) -> Level:
    """The level of these walls, with what they keep and what they do not in words."""
    filters = "seccomp" * walls.seccomp, f"Landlock {walls.landlock}" if walls.landlock else ""
    by = " and ".join(filter(None, filters))
    if walls.namespaces:
        kept = "no network, no file but the Python library (read-only) and a private tmpfs, "
        kept += f"no other program, no privileges; {_BOUNDED}"
        kinds = "user, " * (walls.namespaces == "user") + "mount, pid, network, ipc and uts"
        return Level(name, kept, f"{kinds} namespaces of its own, {by}", "", walls)
    if not walls.seccomp:
        gaps = "files, network and other processes of this user are open to programs"
        return Level(name, _BOUNDED, "limits alone", gaps, walls)
    files = "no file but the Python library (read-only)"
    if not walls.landlock:
        files = "no file at all, so no import but of what is loaded already"
    kept = f"no network, {files}, no processes, no signals to others; {_BOUNDED}"
    gaps = "programs see whether files exist and how large they are"
    if os.geteuid() == 0:
        gaps += ", and may pass the limit of threads, as the user is root, for some 25 ms"
    return Level(name, kept, by, gaps, walls)


def server() -> str:
    """The address of the remote server; raises `SandboxError` where none is set."""
    address = os.environ.get(ADDRESS, "")
    if not address.startswith(("http://", "https://")):
        raise SandboxError.one(
            "isolation=remote",
            f"no server: {ADDRESS} is {address or 'not set'}",
            f"set {ADDRESS} to the address of a SandboxFusion server, as http://host:8080",
        )
    return address


def _remote() -> Level:
    address = server()
    remote.prove(address)
    kept = f"programs run at {address}, which guarantees what it guarantees"
    gaps = "its isolation was not tried; programs, arguments and inputs leave this machine"
    return Level("remote", kept, "", gaps, Walls(), address)
