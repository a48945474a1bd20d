"""The outer end of a keeper: start it, have cells made, talk to them, end them."""

import contextlib
import os
import selectors
import socket
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import frames, kernel
from reasoning_lab.sandbox.boot import start
from reasoning_lab.sandbox.contact import Cell
from reasoning_lab.sandbox.walls import Walls

START_LIMIT = 60.0  # seconds; a cold network disk is slow, a hang is a hang
_END_LIMIT = 2.0
_GLANCE, _MOMENT = 0.05, 0.001  # seconds


class KeeperLost(SandboxError):
    """A keeper that had started is gone or of no use: ended from outside, as a rule."""


class Door:
    """A running keeper. Threads may share it, each with cells of its own.

    Raises `SandboxError` where it cannot be started.
    """

    def __init__(self, walls: Walls, modules: Sequence[str] = ()) -> None:
        self.walls = walls
        self.bare = 0  # bytes that a cell holds before its program; known once one was ready
        self._tickets = 0
        self.ended: dict[int, tuple[int, int, float]] = {}  # what the keeper said of its children
        self.alive: set[int] = set()
        self._later: list[bytes] = []  # orders that go with the next one
        self._forgotten: set[int] = set()  # alive, and nobody waits for its end
        self.ahead: deque[tuple[int, Cell]] = deque()
        self._lock = threading.RLock()
        self._start(modules)

    def _start(self, modules: Sequence[str]) -> None:
        try:
            said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the next block's end
        except OSError as error:
            raise _cannot_start(str(error)) from error
        with said:
            try:
                self.control, theirs = socket.socketpair()
            except OSError as error:
                raise _cannot_start(str(error)) from error
            self.control.settimeout(START_LIMIT)
            try:
                self.process = start(self.walls, modules, theirs, said)
            except OSError as error:
                self.control.close()
                raise _cannot_start(str(error)) from error
            finally:
                theirs.close()
            try:
                self._started()
            except (EOFError, OSError):
                self.end()
                said.seek(0)
                why = said.read().decode("utf-8", "replace").strip().splitlines()
                raise _cannot_start(why[-1] if why else "it ended without a word") from None
            except BaseException:
                self.end()
                raise
        self.control.setblocking(False)

    def _started(self) -> None:
        data = b""
        while len(data) < frames.NOTICE.size:
            part = self.control.recv(frames.NOTICE.size - len(data))
            if not part:
                raise EOFError
            data += part

    def make(self, files_bytes: int, warm: bool = False) -> Cell:
        """A cell, forked while we go on; a `warm` one has run typical lines before it is ready.

        Raises `KeeperLost`, and `OSError` where this process may open no more files.
        """
        ours, theirs = socket.socketpair()
        pipes: list[int] = []
        try:
            for _ in range(3):
                pipes += os.pipe()
            body = frames.DESCRIPTORS.pack(pipes[0], pipes[3], pipes[5], theirs.fileno())
            if kernel.LINUX:  # before the cell can send: its first message tells who it is
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            attached = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, body)]
            ticket = self._order(frames.WARM if warm else frames.MAKE, files_bytes, attached)
        except BaseException:
            for number in pipes:
                os.close(number)
            ours.close()
            raise
        finally:
            theirs.close()
        for number in (pipes[0], pipes[3], pipes[5]):
            os.close(number)
        return Cell(self, ticket, ours, [pipes[1], pipes[2], pipes[4]])

    def _order(self, kind: bytes, files_bytes: int, attached: list[tuple[int, int, bytes]]) -> int:
        """Order a cell, with what was to be sent soon; its ticket."""
        with self._lock:
            self._tickets += 1
            order = frames.ORDER.pack(kind, self._tickets, files_bytes)
            later, self._later = self._later, []
            self.alive.add(self._tickets)
            self._send([order, *later], attached)
            return self._tickets

    def _send(self, data: list[bytes], attached: list[tuple[int, int, bytes]]) -> None:
        until = time.monotonic() + _END_LIMIT
        while True:
            try:
                self.control.sendmsg(data, attached)
            except BlockingIOError as error:  # it has orders enough, and may wait to be heard
                if time.monotonic() > until:
                    raise _lost() from error
                self.listen()
                time.sleep(_MOMENT)
            except OSError as error:
                raise _lost() from error
            else:
                return

    def prepare(self, files_bytes: int, cells: int, warm: bool = False) -> None:
        """See to it that so many cells wait for work; where that fails it is early enough later."""
        with self._lock, contextlib.suppress(OSError, KeeperLost):
            while len(self.ahead) < cells:
                self.ahead.append((files_bytes, self.make(files_bytes, warm)))

    def take(self, files_bytes: int) -> Cell:
        """A cell that is ready, or soon will be."""
        with self._lock:
            while self.ahead:
                size, cell = self.ahead.popleft()
                if size == files_bytes:
                    return cell
                cell.kill()
        return self.make(files_bytes)

    def kill(self, ticket: int, soon: bool = False) -> None:
        """Kill a cell's processes, all of them; `soon`: with the next order, or with `flush`."""
        with self._lock:
            if ticket in self.alive:
                self._later.append(frames.ORDER.pack(frames.KILL, ticket, 0))
                if not soon:
                    self.flush()

    def flush(self) -> None:
        """Send what was to be sent soon."""
        with self._lock:
            later, self._later = self._later, []
            if later:
                self._send(later, [])

    def forget(self, ticket: int) -> None:
        """Nobody asks any more how that cell ended."""
        with self._lock:
            if ticket in self.alive:
                self._forgotten.add(ticket)
            else:
                self.ended.pop(ticket, None)

    def settle(self, seconds: float) -> None:
        """Wait until every cell that nobody asks for any more is cleared away."""
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as watch:
            watch.register(self.control, selectors.EVENT_READ)
            while self._forgotten and (left := until - time.monotonic()) > 0:
                watch.select(min(left, _GLANCE))  # another thread may have listened
                self.listen()

    def listen(self) -> None:
        """Take in what the keeper says of cells that ended."""
        with self._lock:
            try:
                data = self.control.recv(frames.NOTICE.size * 64)
            except BlockingIOError:
                return
            except OSError as error:
                raise _lost() from error
            if not data or len(data) % frames.NOTICE.size:  # it sends each notice whole
                raise _lost()
            for ticket, status, memory, seconds in frames.NOTICE.iter_unpack(data):
                self.alive.discard(ticket)
                if ticket in self._forgotten:
                    self._forgotten.discard(ticket)
                else:
                    self.ended[ticket] = status, memory, seconds

    @property
    def lost(self) -> bool:
        """Whether its process is gone."""
        return self.process.poll() is not None

    def end(self) -> None:
        """End it and everything it made, and wait until it is gone."""
        with self._lock:
            for _, cell in self.ahead:
                cell.close()
            self.ahead.clear()
            with contextlib.suppress(OSError):  # it is gone
                self.control.shutdown(socket.SHUT_RDWR)  # whoever waits for it wakes
            self.control.close()
        try:
            self.process.wait(_END_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def disown(self) -> None:
        """In a forked child of this process: let go of what is not its own."""
        self._lock = threading.RLock()  # whoever held it is not there to let go of it
        for _, cell in self.ahead:
            cell.close()
        self.ahead.clear()
        self.control.close()
        self.process.returncode = 0


def _cannot_start(why: str) -> SandboxError:
    return SandboxError.one(
        "sandbox",
        f"the isolated processes for model-written code cannot start: {why}",
        "see whether memory, processes and open files are left on this machine",
    )


def _lost() -> KeeperLost:
    return KeeperLost.one(
        "sandbox",
        "the process that starts the isolated programs does not answer any more",
        "something outside has ended it; the system's log says whether memory ran out",
    )
