"""The process that is warm: it imports the handler once and forks a worker when told to.

Started by `launch.py` as a program. It has one thread, so that forking it is safe; it alone is
the workers' parent, so that a process id it kills can never have become somebody else's.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable

from reasoning_lab.pool import wire
from reasoning_lab.pool.worker import Handler, die_with_parent, serve

GLANCE = 1.0  # seconds between looks at whether the parent still lives
# The parent decides when it ends: a Ctrl-C or a scheduler's SIGTERM goes to whole groups, and the
# trainer may still have completions to score before it has saved.
_LEFT_TO_PARENT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(argument: str) -> None:
    """Run until the parent closes the control socket or dies.

    `argument`: JSON with `handler` (`module:function`, a function without arguments that
    returns the handler), `memory_mb`, `control` (number of the socket) and `parent` (its pid).
    """
    for number in _LEFT_TO_PARENT:
        signal.signal(number, signal.SIG_IGN)
    settings = json.loads(argument)
    control = socket.socket(fileno=settings["control"])
    handler = _prepare(settings["handler"])
    _silence()
    gc.collect()
    gc.freeze()
    control.sendall(wire.REPLY.pack(os.getpid()))
    _Nursery(control, handler, settings["memory_mb"]).obey(settings["parent"])


def _prepare(spec: str) -> Handler:
    """Import and call the factory; whatever it raises ends the process and is shown."""
    module, _, name = spec.partition(":")
    factory: Callable[[], Handler] = getattr(importlib.import_module(module), name)
    return factory()


def _silence() -> None:
    """From here on nothing printed is kept: a worker could print without end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


class _Nursery:
    """The zygote's orders: fork a worker, kill a worker."""

    def __init__(self, control: socket.socket, handler: Handler, memory_mb: int) -> None:
        self.control = control
        self.handler = handler
        self.memory_mb = memory_mb
        self.workers: set[int] = set()

    def obey(self, parent: int) -> None:
        """Carry out orders until there is nobody left to give them; then end every worker."""
        while os.getppid() == parent:
            if not select.select([self.control], [], [], GLANCE)[0]:
                continue
            data, channels, _, _ = socket.recv_fds(self.control, wire.ORDER.size, 1)
            if len(data) < wire.ORDER.size:
                break
            order, pid = wire.ORDER.unpack(data)
            reply = self._fork(channels[0]) if order == wire.FORK else self._kill(pid)
            self.control.sendall(wire.REPLY.pack(reply))
        for pid in list(self.workers):
            self._kill(pid)

    def _fork(self, channel: int) -> int:
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self.control.close()
                die_with_parent(zygote)
                serve(socket.socket(fileno=channel), self.handler, self.memory_mb)
            finally:
                os._exit(1)  # never back into the zygote's loop
        os.close(channel)
        self.workers.add(pid)
        return pid

    def _kill(self, pid: int) -> int:
        """Kill and reap a worker; its wait status (as `os.waitpid` gives it)."""
        self.workers.remove(pid)
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]


if __name__ == "__main__":
    main(sys.argv[1])
