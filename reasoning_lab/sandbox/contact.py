"""The outer end of a cell: its channel, its stdin, stdout and stderr, what it uses."""

import contextlib
import math
import os
import resource
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, Protocol

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import frames, plain, watch
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.walls import Walls

_CREDENTIALS = struct.Struct("iii")  # of a socket message: process, user and group id


class Maker(Protocol):
    """What a cell needs of the `door.Door` that had it made."""

    control: socket.socket
    ended: dict[int, tuple[int, int, float]]
    walls: Walls
    bare: int

    def listen(self) -> None:
        """Take in what the keeper says of cells that ended."""

    def kill(self, ticket: int, soon: bool = False) -> None:
        """End a cell with all its processes."""

    def forget(self, ticket: int) -> None:
        """Nobody asks any more how that cell ended."""


class Cell:
    """One closed-in process: its channel, and its stdin, stdout and stderr."""

    def __init__(self, door: Maker, ticket: int, channel: socket.socket, pipes: list[int]) -> None:
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
        self.computed = 0.0  # when it was last seen computing
        self.used = 0.0  # seconds of computing by then
        self._spent: dict[tuple[int, int], float] = {}  # the same of each process, see `watch.look`
        self.asleep = False
        self.clock: Callable[[], float] = time.monotonic  # that its limit of time goes by
        self.silent = False  # nothing more comes of the channel
        self.most = plain.MAX_BYTES  # of one message
        self._poll: select.poll | None = None  # the cheapest of the kind for a life this short
        self._keeper = door.control.fileno()  # known after another thread has closed it, too
        for number in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(number, False)
        channel.setblocking(False)

    def send(self, data: bytes, until: float) -> bool:
        """Send an order; whether all of it went off before `until` by the clock."""
        view = memoryview(data)
        while view:
            try:
                view = view[self.channel.send(view) :]
            except BlockingIOError:
                room = select.poll()
                room.register(self.channel, select.POLLOUT)
                if not room.poll(1000 * max(0.0, until - self.clock())):
                    return False
            except OSError:
                return False
        return True

    def message(self) -> list[Any] | None:
        """The next message that is there whole; raises `plain.NotPlain` for nonsense."""
        if (body := frames.take(self.frames, self.most)) is None:
            return None
        message = plain.loads(body)
        if not isinstance(message, list) or not message:
            raise plain.NotPlain("not a message")
        return message

    def pump(self, seconds: float, most: int) -> bool:
        """Move bytes for at most `seconds`, until some came; whether output stays below `most`."""
        if self.asleep:
            self.door.listen()
        for number, event in self._watch().poll(1000 * max(0.0, seconds)):
            if event & select.POLLNVAL:  # the keeper's, which another thread has closed
                self.door.listen()
            elif number == self.stdin:
                self._feed()
            elif number in self.texts:
                self._read(number, most)
            elif number == self._keeper:
                self.door.listen()
            else:
                self._hear()
        return all(len(text) <= most for text in self.texts.values())

    def _watch(self) -> select.poll:
        if self._poll is None:
            watch = self._poll = select.poll()
            for number in (self.stdout, self.stderr, *(() if self.asleep else (self._keeper,))):
                watch.register(number, select.POLLIN)
            if not self.silent:
                watch.register(self.channel, select.POLLIN)
        return self._poll

    def feed(self, text: str) -> None:
        """What the program will read from stdin."""
        self.input = memoryview(text.encode("utf-8", "surrogatepass"))
        self._feed()
        if self.stdin in self.open:
            self._watch().register(self.stdin, select.POLLOUT)

    def bound(self, limits: Limits) -> None:
        """Set the limit of computing time, which the program may not even lower.

        Raises `SandboxError` where that may not be done.
        """
        seconds = math.ceil(limits.cpu_seconds)
        try:
            resource.prlimit(self.pid, resource.RLIMIT_CPU, (seconds, seconds))
        except ProcessLookupError:
            pass  # it is gone, as will be seen
        except PermissionError as error:
            raise SandboxError.one("sandbox", f"limits cannot be set: {error}") from error

    def _drop(self, number: int) -> None:
        if number not in self.open:
            return
        self.open.discard(number)
        if self._poll is not None:
            with contextlib.suppress(KeyError):  # stdin is looked at only while it is fed
                self._poll.unregister(number)
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
        self.wake()
        self.frames += part
        if not part or len(self.frames) > 2 * self.most:
            self.deafen()

    def deafen(self) -> None:
        """Take in nothing more of what it sends."""
        if not self.silent and self._poll is not None:
            self._poll.unregister(self.channel)
        self.silent = True

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
        if not self.pid or now < self.looked + self.every:
            return ""
        self.looked = now
        use = watch.look(self.pid, self.door.bare, self._spent)
        if use is None:
            return ""
        if use.ready or use.seconds != self.used:
            self.used, self.computed = use.seconds, now
            self.wake()
        elif not self.asleep and now >= self.computed + watch.IDLE:
            self._fall_asleep()
        return use.above(limits.memory_mb, limits.cpu_seconds, limits.processes)

    @property
    def every(self) -> float:
        """Seconds between looks."""
        return watch.SELDOM if self.asleep else watch.EVERY

    def asked(self) -> None:
        """It has something to do from now on."""
        self.looked = self.computed = time.monotonic()
        self.wake()

    def _fall_asleep(self) -> None:
        """Many may sleep: what the keeper says of others does not wake them."""
        self.asleep = True
        if self._poll is not None:
            self._poll.unregister(self._keeper)

    def wake(self) -> None:
        """Listen to the keeper again."""
        if self.asleep:
            self.asleep = False
            if self._poll is not None:
                self._poll.register(self._keeper, select.POLLIN)

    def _read(self, number: int, most: int) -> None:
        try:
            part = os.read(number, 65536)
        except BlockingIOError:
            return
        self.texts[number] += part[: max(0, most + 1 - len(self.texts[number]))]
        if not part:
            self._drop(number)

    def text(self, number: int, most: int) -> str:
        """What came out of stdout or stderr, up to `most` bytes."""
        return self.texts[number][:most].decode("utf-8", "replace")

    def kill(self, soon: bool = False) -> None:
        """End every process of the cell, and let go of it."""
        try:
            self.door.kill(self.ticket, soon)
            self.door.forget(self.ticket)
        finally:
            self.close()

    def abandon(self) -> None:
        """The same where something has gone wrong, maybe with the keeper."""
        with contextlib.suppress(SandboxError):  # then it is gone with all that it made
            self.kill()

    def close(self) -> None:
        """Close this side's descriptors."""
        self._poll = None
        self.channel.close()
        for number in list(self.open):
            self._drop(number)
