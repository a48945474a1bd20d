"""Messages between a program's process and this one: a length, then plain data.

The first order to a process holds nothing but JSON's own values, so it needs no more than JSON.
"""

import json
import os
import socket
import struct
from typing import Any

from reasoning_lab.sandbox import plain

LENGTH = struct.Struct("!I")
MAX_ORDER = 2**28  # bytes of code, files and arguments that this side may send
_PIECE = 2**20  # bytes to ask for at once

# Orders to the keeper: kind, the cell's ticket, bytes of its folder
ORDER = struct.Struct("!cIQ")
MAKE, WARM, KILL = b"m", b"w", b"k"
# What comes along with the first two: stdin, stdout and stderr of the cell, its channel
DESCRIPTORS = struct.Struct("4i")
ATTACHED = socket.CMSG_SPACE(DESCRIPTORS.size)
# The keeper's notices: ticket, wait status, peak memory in kB, seconds of computing time
NOTICE = struct.Struct("!Iiqd")
STARTED = 0  # the ticket of the keeper itself


def pack(message: list[Any], limit: int = plain.MAX_BYTES) -> bytes:
    """A message as bytes; raises `plain.NotPlain`."""
    return whole(plain.dumps(message, limit))


def whole(body: bytes) -> bytes:
    """A message from its body."""
    return LENGTH.pack(len(body)) + body


def take(buffer: bytearray, most: int = plain.MAX_BYTES) -> bytes | None:
    """The first message's body, taken out of what has come so far; None until it is there whole.

    Raises `plain.NotPlain` for one that claims to have more than `most` bytes.
    """
    if len(buffer) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack_from(buffer)
    if length > most:
        raise plain.NotPlain("a message that is too long")
    end = LENGTH.size + length
    if len(buffer) < end:
        return None
    body = bytes(buffer[LENGTH.size : end])
    del buffer[:end]
    return body


def pack_order(message: list[Any]) -> bytes:
    """A first order as bytes; raises `plain.NotPlain` when it is too long."""
    body = json.dumps(message).encode("ascii")
    if len(body) > MAX_ORDER:
        raise plain.NotPlain(f"{len(body)} bytes, more than {MAX_ORDER}")
    return whole(body)


def receive_order(channel: int) -> list[Any]:
    """The first order; raises `EOFError` when the other side is gone."""
    order: list[Any] = json.loads(_message(channel))
    return order


def receive(channel: int) -> list[Any]:
    """The next message, waiting for it; raises `EOFError` when the other side is gone."""
    message = plain.loads(_message(channel), MAX_ORDER)
    if not isinstance(message, list):
        raise plain.NotPlain("not a message")
    return message


def send(channel: int, data: bytes) -> None:
    """Send all of `data`; raises `OSError` when the other side is gone."""
    while data:
        data = data[os.write(channel, data) :]


def _message(channel: int) -> bytes:
    (length,) = LENGTH.unpack(_exactly(channel, LENGTH.size))
    return _exactly(channel, length)


def _exactly(channel: int, length: int) -> bytes:
    data = os.read(channel, min(length, _PIECE))
    if len(data) == length:
        return data
    parts = bytearray(data)
    while len(parts) < length:
        if not data:
            raise EOFError
        data = os.read(channel, min(length - len(parts), _PIECE))
        parts += data
    return bytes(parts)
