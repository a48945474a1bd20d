"""The bytes between a pool and its processes: a fixed header, then text. Nothing is unpickled."""

import socket
import struct

JOB = struct.Struct("!dI")  # wall-clock limit in seconds, length of the text
ANSWER = struct.Struct("!cI")  # kind of answer, length of the text
ORDER = struct.Struct("!ci")  # an order to the zygote, and the process it is about
REPLY = struct.Struct("!i")  # a process id, or a wait status

OK, MEMORY, ERROR = b"o", b"m", b"e"
FORK, KILL = b"f", b"k"

MAX_ANSWER = 2**24  # bytes; a worker that claims more has lost its mind


class Gone(ConnectionError):
    """The other side closed the connection."""


def encode(text: str) -> bytes:
    """The text as UTF-8 that keeps lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def receive(channel: socket.socket, length: int) -> bytes:
    """Exactly `length` bytes; raises `Gone` when the other side closes before."""
    parts: list[bytes] = []
    while length:
        part = channel.recv(min(length, 2**20))
        if not part:
            raise Gone("the other side is gone")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive_text(channel: socket.socket, length: int) -> str:
    """`length` bytes as the text they spell."""
    return receive(channel, length).decode("utf-8", "surrogatepass")
