"""The isolation levels: which of them this machine has, and what each promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reasoning_lab.sandbox import filter as seccomp
from reasoning_lab.sandbox import kernel, landlock
from reasoning_lab.sandbox.walls import Walls

NAMES = ("auto", "namespaces", "process", "remote")


@dataclass(frozen=True, slots=True)
class Level:
    """An isolation level as it is here: its name, what it guarantees in words, how it is made."""

    name: str
    guarantees: tuple[str, ...]
    walls: Walls


def choose(isolation: str, modules: Sequence[str] = ()) -> Level:
    """The level asked for; raises `SandboxError` where this machine does not have it."""
    return Level(
        "namespaces", (), Walls("user", seccomp.known(kernel.MACHINE), landlock.version(), True)
    )
