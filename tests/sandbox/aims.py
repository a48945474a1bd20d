"""What attacks aim at: the self-test's targets, and sockets and a process of our own besides."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasoning_lab.sandbox import kernel, tree
from reasoning_lab.sandbox.attack import targets


@contextlib.contextmanager
def aims() -> Iterator[dict[str, Any]]:
    """Targets that live as long as the context."""
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(targets())
        path = Path(there["file"]).parent / "socket"
        abstract = f"reasoning-lab-{os.getpid()}-{there['port']}"
        for address in (str(path), f"\0{abstract}"):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        path.chmod(0o777)
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(f"{path}-datagrams")
        Path(f"{path}-datagrams").chmod(0o777)
        queue = stack.enter_context(_queue())
        names = stack.enter_context(_names())
        like = _like_a_home(Path(there["file"]).parent / "home")
        home, inside = _home(like)
        victim = subprocess.Popen(["sleep", "60"])
        stack.callback(victim.wait)
        stack.callback(victim.send_signal, signal.SIGKILL)
        yield there | {
            "unix": str(path),
            "datagrams": f"{path}-datagrams",
            "queue": queue,
            "abstract": abstract,
            "victim": victim.pid,
            "home": str(home),
            "in home": inside,
            "another home": str(like),
            "names": names,
            "packages": sysconfig.get_path("purelib"),
        }


def _like_a_home(folder: Path) -> Path:
    """A home of our own making, open to everybody, with a key in it that is none."""
    key = folder / ".ssh" / "id_ed25519"
    key.parent.mkdir(parents=True)
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n", encoding="ascii")
    for path in (folder, key.parent):
        path.chmod(0o755)
    key.chmod(0o644)
    return folder


def _home(like: Path) -> tuple[Path, list[str]]:
    """The user's home and what lies in it; `like`, where the user has none of any use.

    Without what leads to the Python library, which programs may see.
    """
    library = [Path(each) for each in (tree.readable(()) if kernel.LINUX else [])]
    seen = {*library, *(parent for each in library for parent in each.parents)}
    for home in (Path.home(), like):
        if home == Path(home.root):
            continue
        with contextlib.suppress(OSError):
            if inside := [each.name for each in home.iterdir() if each not in seen]:
                return home, inside
    raise AssertionError("the folder that is like a home is empty")


@contextlib.contextmanager
def _names() -> Iterator[int]:
    """The port of a server of names: asked for any, it answers with this machine's loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer, args=(server,), daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.sendto(b"", server.getsockname())  # nothing asked: the end
            thread.join()


def _answer(server: socket.socket) -> None:
    # Flags of a good answer; one question, one answer, which is about the name at byte 12: its
    # type (A), class, seconds to live and length; see RFC 1035.
    counts = bytes.fromhex("8180 0001 0001 0000 0000")
    answer = bytes.fromhex("c00c 0001 0001 0000003c 0004") + socket.inet_aton("127.0.0.1")
    while True:
        query, whence = server.recvfrom(512)
        if not query:
            return
        server.sendto(query[:2] + counts + query[12:] + answer, whence)


@contextlib.contextmanager
def _queue() -> Iterator[int]:
    """A System V message queue with one message in it; -1 where there are none."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "msgget"):
        yield -1
        return
    number = libc.msgget(0, 0o1600)
    libc.msgsnd(number, ctypes.create_string_buffer(b"\1" + bytes(7) + b"hello"), 5, 0)
    try:
        yield number
    finally:
        libc.msgctl(number, 0, None)
