"""The outer end of a keeper: start it, have cells made, talk to them, end them."""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import frames, kernel, plain, watch
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.walls import Walls

START_LIMIT = 60.0  # seconds; a cold network disk is slow, a hang is a hang
_END_LIMIT = 2.0
_BOOT = (
    "import sys; library = [p for p in sys.path if p]; sys.path[:] = [*library, sys.argv[2]]; "
    "from reasoning_lab.sandbox.keeper import main; main(sys.argv[1], library)"
)
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_CREDENTIALS = struct.Struct("iii")  # of a socket message: process, user and group id
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")


class KeeperLost(SandboxError):
    """A keeper that had started is gone: ended from outside, as a rule."""


class Door:
    """A running keeper. One thread at a time may use it.

    Raises `SandboxError` where it cannot be started.
    """

    def __init__(self, walls: Walls, modules: Sequence[str] = ()) -> None:
        self._tickets = 0
        self.ended: dict[int, tuple[int, int, float]] = {}  # what the keeper said of its children
        self.alive: set[int] = set()
        self._forgotten: set[int] = set()  # alive, and nobody waits for its end
        self.ahead: deque[tuple[int, Cell]] = deque()
        self.control, theirs = socket.socketpair()
        self.control.settimeout(START_LIMIT)
        with tempfile.TemporaryFile() as said:
            try:
                self.process = _start(walls, modules, theirs, said)
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

    def make(self, files_bytes: int) -> Cell:
        """A cell, forked while we go on."""
        self._tickets += 1
        ours, theirs = socket.socketpair()
        pipes = [os.pipe() for _ in range(3)]
        given = [pipes[0][0], pipes[1][1], pipes[2][1]]
        kept = [pipes[0][1], pipes[1][0], pipes[2][0]]
        order = frames.ORDER.pack(frames.MAKE, self._tickets, files_bytes)
        try:
            socket.send_fds(self.control, [order], [*given, theirs.fileno()])
        except OSError as error:
            for number in kept:
                os.close(number)
            ours.close()
            raise _lost() from error
        finally:
            for number in given:
                os.close(number)
            theirs.close()
        self.alive.add(self._tickets)
        return Cell(self, self._tickets, ours, kept)

    def prepare(self, files_bytes: int, cells: int) -> None:
        """See to it that so many cells wait for work."""
        while len(self.ahead) < cells:
            self.ahead.append((files_bytes, self.make(files_bytes)))

    def take(self, files_bytes: int) -> Cell:
        """A cell that is ready, or soon will be."""
        while self.ahead:
            size, cell = self.ahead.popleft()
            if size == files_bytes:
                return cell
            cell.kill()
        return self.make(files_bytes)

    def kill(self, ticket: int) -> None:
        """Kill a cell's processes, all of them."""
        if ticket in self.alive:
            try:
                self.control.sendall(frames.ORDER.pack(frames.KILL, ticket, 0))
            except OSError as error:
                raise _lost() from error

    def forget(self, ticket: int) -> None:
        """Nobody asks any more how that cell ended."""
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
                watch.select(left)
                self.listen()

    def listen(self) -> None:
        """Take in what the keeper says of cells that ended."""
        try:
            data = self.control.recv(frames.NOTICE.size * 64)
            while len(data) % frames.NOTICE.size:
                data += self.control.recv(1)
        except BlockingIOError:
            return
        except OSError as error:
            raise _lost() from error
        if not data:
            raise _lost()
        for ticket, status, memory, seconds in frames.NOTICE.iter_unpack(data):
            self.alive.discard(ticket)
            if ticket in self._forgotten:
                self._forgotten.discard(ticket)
            else:
                self.ended[ticket] = status, memory, seconds

    def end(self) -> None:
        """End it and everything it made, and wait until it is gone."""
        for _, cell in self.ahead:
            cell.close()
        self.ahead.clear()
        self.control.close()
        try:
            self.process.wait(_END_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def disown(self) -> None:
        """In a forked child of this process: let go of what is not its own."""
        for _, cell in self.ahead:
            cell.close()
        self.ahead.clear()
        self.control.close()
        self.process.returncode = 0


class Cell:
    """One closed-in process: its channel, and its stdin, stdout and stderr."""

    def __init__(self, door: Door, ticket: int, channel: socket.socket, pipes: list[int]) -> None:
        self.door = door
        self.ticket = ticket
        self.channel = channel
        self.stdin, self.stdout, self.stderr = pipes
        self.input = memoryview(b"")
        self.texts: dict[int, bytearray] = {self.stdout: bytearray(), self.stderr: bytearray()}
        self.open = {self.stdin, self.stdout, self.stderr}
        self.frames = bytearray()
        self.report: list[Any] | None = None  # what it said of its own end; [] for nonsense
        self.pid = 0  # as this process sees it; known once the cell is ready
        self.looked = 0.0  # when its use was last looked at
        self.silent = False  # the channel is closed at its end
        self._selector: selectors.BaseSelector | None = None
        for number in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(number, False)
        channel.setblocking(False)
        if kernel.LINUX:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def send(self, data: bytes, until: float) -> bool:
        """Send an order; whether all of it went off before `until`."""
        view = memoryview(data)
        while view:
            try:
                view = view[self.channel.send(view) :]
            except BlockingIOError:
                with selectors.DefaultSelector() as selector:
                    selector.register(self.channel, selectors.EVENT_WRITE)
                    if not selector.select(max(0.0, until - time.monotonic())):
                        return False
            except OSError:
                return False
        return True

    def message(self) -> list[Any] | None:
        """The next message that is there whole; raises `plain.NotPlain` for nonsense."""
        if len(self.frames) < frames.LENGTH.size:
            return None
        (length,) = frames.LENGTH.unpack_from(self.frames)
        if length > plain.MAX_BYTES:
            raise plain.NotPlain("a message that is too long")
        end = frames.LENGTH.size + length
        if len(self.frames) < end:
            return None
        message = plain.loads(bytes(self.frames[frames.LENGTH.size : end]))
        del self.frames[:end]
        if not isinstance(message, list) or not message:
            raise plain.NotPlain("not a message")
        return message

    def pump(self, seconds: float, most: int) -> bool:
        """Move bytes for at most `seconds`, until some came; whether output stays below `most`."""
        for key, _ in self._watch().select(max(0.0, seconds)):
            if key.data == "in":
                self._feed()
            elif key.data == "control":
                self.door.listen()
            elif key.data == "channel":
                self._hear()
            else:
                self._read(key.data, most)
        return all(len(text) <= most for text in self.texts.values())

    def _watch(self) -> selectors.BaseSelector:
        if self._selector is None:
            watch = self._selector = selectors.DefaultSelector()
            watch.register(self.door.control, selectors.EVENT_READ, "control")
            watch.register(self.channel, selectors.EVENT_READ, "channel")
            watch.register(self.stdout, selectors.EVENT_READ, self.stdout)
            watch.register(self.stderr, selectors.EVENT_READ, self.stderr)
        return self._selector

    def feed(self, text: str) -> None:
        """What the program will read from stdin."""
        self.input = memoryview(text.encode("utf-8", "surrogatepass"))
        self._feed()
        if self.stdin in self.open:
            self._watch().register(self.stdin, selectors.EVENT_WRITE, "in")

    def _drop(self, number: int) -> None:
        if number not in self.open:
            return
        self.open.discard(number)
        if self._selector is not None and number in self._selector.get_map():
            self._selector.unregister(number)
        os.close(number)

    def _feed(self) -> None:
        try:
            while self.input:
                self.input = self.input[os.write(self.stdin, self.input[:65536]) :]
        except BlockingIOError:
            return
        except OSError:
            self.input = memoryview(b"")
        self._drop(self.stdin)

    def _hear(self) -> None:
        try:
            part = self.channel.recv(2**18) if self.pid else self._first()
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self.frames += part
        if not part or len(self.frames) > 2 * plain.MAX_BYTES:
            self.silent = True
            if self._selector is not None:
                self._selector.unregister(self.channel)

    def _first(self) -> bytes:
        """The first bytes, with the process id of who sent them, which the kernel vouches for."""
        data, attached, _, _ = self.channel.recvmsg(2**16, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, body in attached:
            if (level, kind) == (socket.SOL_SOCKET, getattr(socket, "SCM_CREDENTIALS", -1)):
                self.pid, _, _ = _CREDENTIALS.unpack(body)
        return data

    def exceeds(self, limits: Limits) -> str:
        """The limit that all its processes together exceed; see `watch`."""
        now = time.monotonic()
        if not self.pid or now < self.looked + watch.EVERY:
            return ""
        self.looked = now
        use = watch.look(self.pid)
        if use is None:
            return ""
        return use.above(limits.memory_mb, limits.cpu_seconds, limits.processes)

    def _read(self, number: int, most: int) -> None:
        try:
            part = os.read(number, 65536)
        except BlockingIOError:
            return
        self.texts[number] += part[: most + 1 - len(self.texts[number])]
        if not part:
            self._drop(number)

    def text(self, number: int, most: int) -> str:
        """What came out of stdout or stderr, up to `most` bytes."""
        return self.texts[number][:most].decode("utf-8", "replace")

    def kill(self) -> None:
        """End every process of the cell, and let go of it."""
        self.door.kill(self.ticket)
        self.door.forget(self.ticket)
        self.close()

    def close(self) -> None:
        """Close this side's descriptors."""
        if self._selector is not None:
            self._selector.close()
            self._selector = None
        self.channel.close()
        for number in list(self.open):
            self._drop(number)


def _start(
    walls: Walls, modules: Sequence[str], control: socket.socket, said: IO[bytes]
) -> subprocess.Popen[bytes]:
    here = Path(__file__).resolve().parents[2]
    packages = [path for path in sys.path if modules and path.endswith("-packages")]
    settings = {
        "control": control.fileno(),
        "parent": os.getpid(),
        "modules": list(modules),
        "packages": packages,
        "walls": asdict(walls),
    }
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-S", "-s", "-c", _BOOT, json.dumps(settings), str(here)],
        env={**kept, **_ENVIRONMENT},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        pass_fds=(control.fileno(),),
        start_new_session=True,
    )


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
