"""The isolation levels: which of them this machine has, and what each promises."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import filter as seccomp
from reasoning_lab.sandbox import kernel, landlock
from reasoning_lab.sandbox.proof import prove
from reasoning_lab.sandbox.walls import Walls

NAMES = ("auto", "namespaces", "process", "remote")
ADDRESS = "SANDBOX_FUSION_ENDPOINT"  # the environment variable with the address of a server
_LOCK = threading.Lock()
_KNOWN: dict[tuple[str, tuple[str, ...]], Level] = {}
_CURE = (
    "model-written code needs Linux with user namespaces: on Debian `sysctl -w "
    "kernel.unprivileged_userns_clone=1`, on Ubuntu 24.04 `sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0`, in Docker `--security-opt "
    "seccomp=unconfined` or `--privileged`; or ask for isolation=process, which is weaker, or "
    f"isolation=remote with {ADDRESS} set to the address of a SandboxFusion server"
)


@dataclass(frozen=True, slots=True)
class Level:
    """An isolation level as it is here: its name, what it guarantees in words, how it is made."""

    name: str
    guarantees: tuple[str, ...]
    walls: Walls
    address: str = ""

    def line(self) -> str:
        """The level in one line, for a plan or a manifest."""
        return f"{self.name}: {'; '.join(self.guarantees)}"


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
            return Level(name, guarantees(walls), walls)
        reasons += wrong
    cure = _CURE if name == "namespaces" else "ask for another isolation level"
    raise SandboxError.one(f"isolation={name}", "; ".join(reasons) or "not on this system", cure)


def _candidates(name: str, reasons: list[str]) -> Iterator[Walls]:
    filtered = kernel.LINUX and seccomp.known(kernel.MACHINE)
    locks = landlock.version()
    if name == "process":
        yield Walls("", filtered, locks, fork=False)
        return
    if not kernel.LINUX:
        reasons.append("namespaces are a part of Linux, and this is another system")
    elif not filtered:
        reasons.append(f"there is no table of system calls for {kernel.MACHINE}")
    else:
        # Before 5.14 the limit of processes counts the whole user's, on all the machine.
        fork = _release() >= (5, 14)
        yield Walls("user", filtered, locks, fork)
        if os.geteuid() == 0:
            yield Walls("root", filtered, locks, fork)


def _release() -> tuple[int, int]:
    first, second, *_ = os.uname().release.split(".")
    return int(first), int("".join(c for c in second if c.isdigit()) or 0)


def guarantees(walls: Walls) -> tuple[str, ...]:
    """What the walls keep, and what they do not, in words for a user."""
    always = "limits of time, memory and output, an empty environment, a clean process each"
    if walls.namespaces:
        kind = "user, " if walls.namespaces == "user" else ""
        return (
            f"{kind}mount, pid, network, ipc and uts namespaces of its own",
            "no network, no file but the Python library (read-only) and a private tmpfs",
            "no capabilities, no new privileges, no other program",
            "seccomp" + (f" and Landlock {walls.landlock}" if walls.landlock else ""),
            always,
        )
    kept = [always]
    if walls.seccomp:
        kept += ["no network, no processes, no signals to others (seccomp)", "no writing"]
    if walls.landlock:
        kept.append(f"reads the Python library only (Landlock {walls.landlock})")
    elif walls.seccomp:
        kept.append("opens no file at all, so imports only what is loaded already")
    else:
        kept.append("NOT kept from files, network and other processes of this user")
    return tuple(kept)


def _remote() -> Level:
    address = os.environ.get(ADDRESS, "")
    if not address.startswith(("http://", "https://")):
        raise SandboxError.one(
            "isolation=remote",
            f"no server: {ADDRESS} is {address or 'not set'}",
            f"set {ADDRESS} to the address of a SandboxFusion server, as http://host:8080",
        )
    return Level("remote", (f"whatever {address} guarantees",), Walls(), address)
