"""Messages between a program's process and this one: a length, then plain data."""

from __future__ import annotations

import socket
import struct
from typing import Any

from reasoning_lab.sandbox import plain

LENGTH = struct.Struct("!I")
MAX_ORDER = 2**28  # bytes of code, files and arguments that this side may send

# Orders to the keeper: kind, the cell's ticket, bytes of its folder, other processes around
ORDER = struct.Struct("!cIQ")
MAKE, KILL = b"m", b"k"
# The keeper's notices: ticket, wait status, peak memory in kB, seconds of computing time
NOTICE = struct.Struct("!Iiqd")
STARTED = 0  # the ticket of the keeper itself


def pack(message: list[Any], limit: int = plain.MAX_BYTES) -> bytes:
    """A message as bytes; raises `plain.NotPlain`."""
    return whole(plain.dumps(message, limit))


def whole(body: bytes) -> bytes:
    """A message from its body."""
    return LENGTH.pack(len(body)) + body


def take(buffer: bytearray) -> bytes | None:
    """The first message's body, taken out of what has come so far; None until it is there whole.

    Raises `plain.NotPlain` for one that claims to be longer than a program's messages may be.
    """
    if len(buffer) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack_from(buffer)
    if length > plain.MAX_BYTES:
        raise plain.NotPlain("a message that is too long")
    end = LENGTH.size + length
    if len(buffer) < end:
        return None
    body = bytes(buffer[LENGTH.size : end])
    del buffer[:end]
    return body


def receive(channel: socket.socket) -> list[Any]:
    """The next message, waiting for it; raises `EOFError` when the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(channel, LENGTH.size))
    message = plain.loads(_exactly(channel, length), MAX_ORDER)
    if not isinstance(message, list):
        raise plain.NotPlain("not a message")
    return message


def _exactly(channel: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = channel.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
