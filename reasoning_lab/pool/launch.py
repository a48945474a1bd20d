"""The parent's end of a zygote: start it, have it fork and kill workers, end it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from typing import IO

from reasoning_lab.errors import SandboxError
from reasoning_lab.pool import wire

START_LIMIT = 60.0  # seconds to import everything; a cold network disk is slow, a hang is a hang
ORDER_LIMIT = 10.0  # seconds for a fork or a kill, which take milliseconds
_END_LIMIT = 2.0  # seconds to end by itself before it is killed
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]); "
    "from reasoning_lab.pool.zygote import main; main(sys.argv[1])"
)
# Where a Python may need it, the only thing it takes over: the path to its own shared libraries.
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")


class LostError(SandboxError):
    """The zygote, which had started, is gone or no longer answers."""


class Zygote:
    """A running zygote: SandboxError where it cannot start, LostError where it answers no more."""

    def __init__(self, handler: str, memory_mb: int) -> None:
        self.control, theirs = socket.socketpair()
        self.control.settimeout(START_LIMIT)
        # Kept until it has started: what it says there is why it could not.
        with tempfile.TemporaryFile() as said:
            try:
                self.process = _start(handler, memory_mb, theirs, said)
            except OSError as error:
                self.control.close()
                raise _cannot_start(handler, str(error)) from error
            finally:
                theirs.close()
            try:
                self._reply()
            except LostError:
                self.end()
                said.seek(0)
                why = said.read().decode("utf-8", "replace").strip()
                raise _cannot_start(handler, why or "it ended without a word") from None
            except BaseException:
                self.end()
                raise
        self.control.settimeout(ORDER_LIMIT)

    def fork(self) -> tuple[int, socket.socket]:
        """A new worker: its process id and this side of its channel."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                return self._order(wire.FORK, 0, [theirs.fileno()]), ours
            except BaseException:
                ours.close()
                raise

    def kill(self, pid: int) -> int:
        """Kill a worker and reap it; its wait status."""
        return self._order(wire.KILL, pid, [])

    def _order(self, order: bytes, pid: int, handles: list[int]) -> int:
        """Send an order with open files; the reply to it."""
        try:
            socket.send_fds(self.control, [wire.ORDER.pack(order, pid)], handles)
        except OSError as error:
            raise _lost() from error
        return self._reply()

    def _reply(self) -> int:
        try:
            (number,) = wire.REPLY.unpack(wire.receive(self.control, wire.REPLY.size))
        except OSError as error:
            raise _lost() from error
        return int(number)

    def end(self) -> None:
        """End it and its workers, and wait until it is gone."""
        self.control.close()
        try:
            self.process.wait(_END_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its workers follow it, see `die_with_parent`
            self.process.wait()

    def disown(self) -> None:
        """In a forked child of the parent: let go of what is the parent's."""
        self.control.close()
        self.process.returncode = 0  # no warning here about a process that is not ours to wait for


def _start(
    handler: str, memory_mb: int, control: socket.socket, said: IO[bytes]
) -> subprocess.Popen[bytes]:
    settings = {
        "handler": handler,
        "memory_mb": memory_mb,
        "control": control.fileno(),
        "parent": os.getpid(),
    }
    path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100 - "" is the folder we are in
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, json.dumps(settings), json.dumps(path)],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        pass_fds=(control.fileno(),),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Nothing of the caller's, no keys and no tokens; the same order of sets in every process."""
    fixed = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
    fixed |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**{name: os.environ[name] for name in _KEPT if name in os.environ}, **fixed}


def _cannot_start(handler: str, why: str) -> SandboxError:
    return SandboxError.one(
        handler,
        f"the pool of worker processes cannot start: {why}",
        "see whether memory, processes and open files are left on this machine",
    )


def _lost() -> LostError:
    return LostError.one(
        "sandbox",
        "the process that starts the workers does not answer any more",
        "something outside has ended it; the system's log says whether memory ran out",
    )
