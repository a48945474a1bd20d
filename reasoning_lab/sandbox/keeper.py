"""The warm process that forks a closed-in process for every program, and buries it.

Started as a program, with an empty environment, by `door.py`. It has one thread. At level
`namespaces` it is the first process of a process id namespace, so its own end, however it comes
about, is the end of everything that it made; and so is each program's first process.
"""

import contextlib
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

from reasoning_lab.sandbox import (
    cell,
    frames,
    kernel,
    pages,
    rehearsal,
    standard_streams,
    tree,
    walls,
)
from reasoning_lab.sandbox.walls import Walls

DESCRIPTORS = 512  # open files of a keeper at most, where the machine allows as many
SIGNALS = 64  # queued signals and timers, of all that the user has, at which a program gets no more
_CHANNEL = 3  # the descriptor of a cell's channel
_AT_ONCE = 64  # orders to take in at once
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
LAST_CHANCE = (
    "threading", "queue", "hashlib", "tempfile", "unittest", "uuid", "pprint", "ast", "fileinput",
)  # fmt: skip


def main(argument: str, library: list[str]) -> None:
    """Run until the parent closes the control socket or dies.

    `argument`: JSON with `control` (number of the socket), `parent` (its pid), `modules`,
    `packages` (folders to import those from) and `walls`. `library`: the standard library.
    """
    settings = json.loads(argument)
    os.environ.pop("LD_BIND_NOW", None)  # it was for the linker, and has been obeyed
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # It came under the parent's number, which may be above those that are closed in a program.
    control = socket.socket(fileno=os.dup(settings["control"]))
    os.close(settings["control"])
    path = [*library, *settings["packages"]]
    sys.path[:] = [*sys.path, *settings["packages"]]
    around = Walls(**settings["walls"])
    sealed = not (around.namespaces or around.landlock)  # later it may open no file at all
    _import((*PRELOADED, *(LAST_CHANCE if sealed else ()), *settings["modules"]))
    sys.path[:] = path
    pages.join_maps()
    readable = tree.readable(settings["modules"]) if kernel.LINUX else []
    own: list[tuple[int, int]] = []
    if around.namespaces:
        walls.enter_namespaces(around.namespaces)
        _split(settings["parent"], control)
        own.append((os.open("/proc/self/ns/pid", os.O_RDONLY), kernel.CLONE_NEWPID))
    typical = rehearsal.programs(settings["modules"])
    cell.rehearse(path, typical)
    pages.enlarge()
    statm = os.open("/proc/self/statm", os.O_RDONLY) if kernel.LINUX else -1  # while it is there
    if around.namespaces:
        own.append((os.open("/proc/self/ns/mnt", os.O_RDONLY), kernel.CLONE_NEWNS))
        tree.build(readable)
    descriptors = _limit()
    quiet = os.open(os.devnull, os.O_WRONLY)
    closing = walls.prepare(around, readable, descriptors)
    os.dup2(quiet, 2)  # until here the parent reads what goes wrong
    # Out of the collector's sight, which would write to all of it. A program has it on again.
    gc.collect()
    gc.freeze()
    gc.disable()
    pages.fill_holes()
    keeper = Keeper(control, around, closing, Site(_address_space(statm), own, typical))
    keeper.obey(0 if around.namespaces else settings["parent"])


def _limit() -> int:
    """What is the same for the keeper and for all of its programs; how many files it may open."""
    os.umask(0o077)
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK):
        resource.setrlimit(kind, (0, 0))
    if kernel.LINUX:
        resource.setrlimit(resource.RLIMIT_SIGPENDING, (SIGNALS, SIGNALS))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    descriptors = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    return descriptors


def _import(names: Sequence[str]) -> None:
    """What programs find loaded."""
    standard_streams.adopt()
    _import_random()
    for name in names:
        importlib.import_module(name)


def _import_random() -> None:
    """Import it such that it does not seed itself anew in every forked process, but here, once.

    That would take a twentieth of a program's time; and a program that does not seed it finds the
    same numbers each time, so its verdict does not change from run to run.
    """
    register = os.register_at_fork
    os.register_at_fork = lambda **_: None
    try:
        importlib.import_module("random").seed(0)
    finally:
        os.register_at_fork = register


def _split(parent: int, control: socket.socket) -> None:
    """Go on as the first process of the new namespace; what stays behind waits for its end."""
    child = os.fork()
    if child == 0:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        return
    control.close()
    ended = os.pidfd_open(child)
    while not select.select([ended], [], [], GLANCE)[0] and os.getppid() == parent:
        pass
    os._exit(0)  # and the child is killed with this process, if it still runs


@dataclass(frozen=True, slots=True)
class Site:
    """Where a keeper makes its programs.

    `base_bytes`: address space in use before a program's first line; `own`: the keeper's own
    namespaces, to come back to: a descriptor and a kind each; `rehearsals`: typical programs.
    """

    base_bytes: int
    own: Sequence[tuple[int, int]]
    rehearsals: Sequence[str]


class Keeper:
    """The orders of the parent, the ends of the children."""

    def __init__(
        self, control: socket.socket, around: Walls, closing: list[kernel.Step], place: Site
    ) -> None:
        self.control = control
        self.walls = around
        self.closing = closing
        self.sealing = walls.seal(around)
        self.place = place
        self.entering: dict[int, list[kernel.Step]] = {}  # by bytes of a program's folder
        self.leaving: list[kernel.Step] = [(kernel.setns, where) for where in place.own]
        self.end = os.kill if around.namespaces else os.killpg
        self.tickets: dict[int, int] = {}  # process id: ticket
        self.woken, wake = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _woken)

    def obey(self, parent: int) -> None:
        """Carry out orders until there is nobody left to give them; then end every program."""
        self._notice(frames.STARTED, os.getpid(), 0, 0.0)
        heard = select.poll()
        heard.register(self.woken, select.POLLIN)
        heard.register(self.control, select.POLLIN)
        try:
            while not parent or os.getppid() == parent:
                for number, _ in heard.poll(1000 * GLANCE):
                    if number == self.woken:
                        os.read(number, 4096)
                        self._bury()
                    elif not self._order():
                        return
        finally:
            for pid in self.tickets:
                self._kill(pid)

    def _order(self) -> bool:
        # Of the orders that come at once one at most has descriptors: a read ends with them.
        data, attached, _, _ = self.control.recvmsg(_AT_ONCE * frames.ORDER.size, frames.ATTACHED)
        if not data or len(data) % frames.ORDER.size:
            return False
        for kind, ticket, size in frames.ORDER.iter_unpack(data):
            if kind == frames.KILL:
                for pid in [pid for pid, each in self.tickets.items() if each == ticket]:
                    self._kill(pid)
                continue
            ((_, _, body),) = attached
            descriptors = frames.DESCRIPTORS.unpack(body)
            try:
                self._make(ticket, size, descriptors, warm=kind == frames.WARM)
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
        return True

    def _make(self, ticket: int, size: int, descriptors: Sequence[int], warm: bool) -> None:
        # Here as much as possible, not in the forked process, where all that it writes is copied;
        # and as calls that are ready, since after a fork what is written here is copied, too.
        if size not in self.entering:
            self.entering[size] = walls.enter(self.walls, size)
        try:
            for call, arguments in self.entering[size]:
                call(*arguments)
            pid = os.fork()
            if pid == 0:
                try:
                    self._become_cell(descriptors, self.place.rehearsals if warm else ())
                finally:
                    os._exit(1)  # never back into the keeper's loop
            self.tickets[pid] = ticket
        except OSError as error:
            with contextlib.suppress(OSError):  # nobody may want it any more
                frames.send(descriptors[3], _broken(error))
            self._notice(ticket, 1, 0, 0.0)
        finally:
            for call, arguments in self.leaving:
                call(*arguments)

    def _become_cell(self, descriptors: Sequence[int], warming: Sequence[str]) -> None:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        try:
            for call, arguments in self.closing:
                call(*arguments)
        except OSError as error:
            frames.send(_CHANNEL, _broken(error))
            os._exit(1)
        cell.live(_CHANNEL, self.place.base_bytes, warming, self.sealing)

    def _kill(self, pid: int) -> None:
        try:
            self.end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # It has not made its own group yet; not reaped, so it is it.
            os.kill(pid, signal.SIGKILL)

    def _bury(self) -> None:
        while self.tickets:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            ticket = self.tickets.pop(pid)
            self._notice(ticket, status, used.ru_maxrss, used.ru_utime + used.ru_stime)

    def _notice(self, ticket: int, number: int, memory: int, seconds: float) -> None:
        self.control.sendall(frames.NOTICE.pack(ticket, number, memory, seconds))


def _woken(*_: object) -> None:
    """A child's end: all that counts is the byte in the wake-up pipe."""


def _broken(error: OSError) -> bytes:
    return frames.pack(["broken", str(error)])


def _address_space(statm: int) -> int:
    """Bytes of address space in use: what a program has before its first line."""
    if statm < 0:
        return 0
    total = int(os.pread(statm, 100, 0).split()[0])
    os.close(statm)
    return total * resource.getpagesize()
