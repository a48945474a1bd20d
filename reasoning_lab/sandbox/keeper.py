"""The warm process that forks a closed-in process for every program, and buries it.

Started as a program, with an empty environment, by `door.py`. It has one thread. At level
`namespaces` it is the first process of a process id namespace, so its own end, however it comes
about, is the end of everything that it made; and so is each program's first process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.sandbox import cell, frames, kernel, tree, walls
from reasoning_lab.sandbox.walls import Walls

DESCRIPTORS = 512  # open files of a keeper at most
GLANCE = 1.0  # seconds between looks at whether the parent still lives
# Not `threading`: what it does in every forked process takes a tenth of a program's time.
PRELOADED = (
    "abc", "array", "base64", "bisect", "calendar", "cmath", "collections.abc", "contextlib",
    "copy", "csv", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools",
    "heapq", "inspect", "io", "itertools", "json", "linecache", "math", "numbers",
    "operator", "pathlib", "random", "re", "statistics", "string", "struct",
    "textwrap", "time", "traceback", "types", "typing", "warnings",
)  # fmt: skip
# As well where a program can open no file, and so import nothing else.
LAST_CHANCE = ("threading", "queue", "hashlib", "tempfile", "unittest", "uuid", "pprint", "ast")


def main(argument: str, library: list[str]) -> None:
    """Run until the parent closes the control socket or dies.

    `argument`: JSON with `control` (number of the socket), `parent` (its pid), `modules`,
    `packages` (folders to import those from) and `walls`. `library`: the standard library.
    """
    settings = json.loads(argument)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=settings["control"])
    path = [*library, *settings["packages"]]
    sys.path[:] = [*sys.path, *settings["packages"]]
    around = Walls(**settings["walls"])
    sealed = not (around.namespaces or around.landlock)  # later it may open no file at all
    for name in (*PRELOADED, *(LAST_CHANCE if sealed else ()), *settings["modules"]):
        importlib.import_module(name)
    sys.path[:] = path
    readable = tree.readable(settings["modules"]) if kernel.LINUX else []
    own_pids = -1
    if around.namespaces:
        walls.enter_namespaces(around.namespaces)
        _split(settings["parent"], control)
        own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY)
    base = _address_space()
    if around.namespaces:
        tree.build(readable)
    if kernel.LINUX:
        kernel.bound_capabilities()
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    keeper = Keeper(control, around, Place(readable, path, base, own_pids))
    keeper.obey(0 if around.namespaces else settings["parent"])


def _split(parent: int, control: socket.socket) -> None:
    """Go on as the first process of the new namespace; what stays behind waits for its end."""
    child = os.fork()
    if child == 0:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    control.close()
    ended = os.pidfd_open(child)
    while not select.select([ended], [], [], GLANCE)[0] and os.getppid() == parent:
        pass
    os._exit(0)  # and the child is killed with this process, if it still runs


@dataclass(frozen=True, slots=True)
class Place:
    """What a keeper's programs find: what they may read, where they import from.

    `base_bytes`: address space in use before a program's first line; `own_pids`: the keeper's
    process id namespace, a descriptor, -1 without one.
    """

    readable: Sequence[str]
    path: list[str]
    base_bytes: int
    own_pids: int


class Keeper:
    """The orders of the parent, the ends of the children."""

    def __init__(self, control: socket.socket, around: Walls, place: Place) -> None:
        self.control = control
        self.walls = around
        self.place = place
        self.filter = walls.plan(around)
        self.tickets: dict[int, int] = {}  # process id: ticket
        self.woken, wake = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def obey(self, parent: int) -> None:
        """Carry out orders until there is nobody left to give them; then end every program."""
        cell.rehearse(self.place.path)
        gc.collect()
        gc.freeze()
        self._notice(frames.STARTED, os.getpid(), 0, 0.0)
        heard: list[Any] = [self.control, self.woken]
        try:
            while not parent or os.getppid() == parent:
                ready, _, _ = select.select(heard, [], [], GLANCE)
                if self.woken in ready:
                    os.read(self.woken, 4096)
                    self._bury()
                if self.control in ready and not self._order():
                    break
        finally:
            for pid in self.tickets:
                self._kill(pid)

    def _order(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, frames.ORDER.size, 4)
        if len(data) < frames.ORDER.size:
            return False
        kind, ticket, size = frames.ORDER.unpack(data)
        if kind == frames.MAKE:
            self._make(ticket, size, descriptors)
        else:
            for pid in [pid for pid, each in self.tickets.items() if each == ticket]:
                self._kill(pid)
        return True

    def _make(self, ticket: int, size: int, descriptors: list[int]) -> None:
        if self.place.own_pids >= 0:
            kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            try:
                self._become_cell(size, descriptors)
            finally:
                os._exit(1)  # never back into the keeper's loop
        if self.place.own_pids >= 0:
            kernel.setns(self.place.own_pids, kernel.CLONE_NEWPID)
        for descriptor in descriptors:
            os.close(descriptor)
        self.tickets[pid] = ticket

    def _become_cell(self, size: int, descriptors: list[int]) -> None:
        walls.default_signals()
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
        os.dup2(descriptors[3], 3, inheritable=False)
        os.closerange(4, DESCRIPTORS)
        channel = socket.socket(fileno=3)
        try:
            walls.close_in(self.walls, self.filter, size, self.place.readable)
        except OSError as error:
            channel.sendall(frames.pack(["broken", str(error)]))
            os._exit(1)
        cell.live(channel, self.place.base_bytes, self.place.path)

    def _kill(self, pid: int) -> None:
        try:
            if self.walls.namespaces:
                os.kill(pid, signal.SIGKILL)
            else:
                os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            os.kill(
                pid, signal.SIGKILL
            )  # it has not made its own group yet; not reaped, so it is it

    def _bury(self) -> None:
        while self.tickets:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            ticket = self.tickets.pop(pid)
            self._notice(ticket, status, used.ru_maxrss, used.ru_utime + used.ru_stime)

    def _notice(self, ticket: int, number: int, memory: int, seconds: float) -> None:
        self.control.sendall(frames.NOTICE.pack(ticket, number, memory, seconds))


def _address_space() -> int:
    """Bytes of address space in use: what a program has before its first line."""
    if not kernel.LINUX:
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
