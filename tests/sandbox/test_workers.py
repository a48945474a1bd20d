"""Places for keepers: none is ever lost, whatever fails, and nothing stays open."""

import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.judges.code.result import reason_of
from reasoning_lab.sandbox import levels
from reasoning_lab.sandbox.limits import Job
from reasoning_lab.sandbox.sandbox import Sandbox
from sandbox.test_sandbox import open_files

WAIT = 20.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    if why := levels.detect()["namespaces"]:
        pytest.skip(f"NOT TESTED HERE: namespaces: {why}")
    with Sandbox("namespaces", workers=1, ahead=0) as sandbox:
        assert sandbox.run("print(1)").stdout == "1\n"
        yield sandbox


@contextlib.contextmanager
def few_files() -> Iterator[None]:
    """This process may open two more files, and no third."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.open(os.devnull, os.O_RDONLY)
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare + 3, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def works(sandbox: Sandbox) -> bool:
    """Whether it still runs a program; a place that was lost would be waited for."""
    found: list[str] = []
    thread = threading.Thread(
        target=lambda: found.append(sandbox.run("print(6 * 7)").stdout), daemon=True
    )
    thread.start()
    thread.join(WAIT)
    return found == ["42\n"]


def keeper(sandbox: Sandbox) -> int:
    (door,) = sandbox._keepers.doors
    return door.process.pid


def test_no_files_left_for_processes_ahead(sandbox: Sandbox) -> None:
    before = open_files()
    with few_files():
        sandbox.prepare(8)
        with pytest.raises(OSError, match="Too many open files"):
            sandbox.run("print(1)")
        with pytest.raises((OSError, SandboxError)):
            sandbox.run_all([Job("print(2)")])
    assert works(sandbox)
    assert open_files() <= before + 4  # of the one keeper, which may be another by now


def test_a_keeper_that_is_lost_ahead_is_replaced(sandbox: Sandbox) -> None:
    for _ in range(3):
        os.kill(keeper(sandbox), signal.SIGKILL)
        sandbox.prepare(4)
        sandbox._settle(32 * 2**20)
        assert works(sandbox)


def test_lost_keepers_leave_no_descriptor(sandbox: Sandbox) -> None:
    counts = []
    for _ in range(4):
        program = sandbox.open("def f(): return 1")
        os.kill(keeper(sandbox), signal.SIGKILL)
        program.close()
        assert works(sandbox)
        counts.append(open_files())
    assert counts == counts[:1] * 4


def test_who_waits_while_it_is_closed_goes_on(sandbox: Sandbox) -> None:
    held = sandbox.open("def f(): return 1")
    found: list[str] = []
    thread = threading.Thread(
        target=lambda: found.append(sandbox.run("print(3)").stdout), daemon=True
    )
    thread.start()
    time.sleep(0.2)
    sandbox.close()
    held.close()  # its keeper is gone, which is no error
    thread.join(WAIT)
    assert found == ["3\n"]
    assert works(sandbox)


def test_a_child_forked_while_a_level_is_proved() -> None:
    with levels._LOCK:
        pid = os.fork()
        if pid == 0:
            signal.alarm(int(WAIT))
            with contextlib.suppress(SandboxError), Sandbox(workers=1) as own:
                own.run("print(1)")
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("level", ["namespaces", "process"])
def test_a_program_killed_from_outside_is_told_apart(level: str) -> None:
    """As by a machine that has run out of memory: it says nothing of the program."""
    if why := levels.detect()[level]:
        pytest.skip(f"NOT TESTED HERE: {level}: {why}")
    with (
        Sandbox(level, workers=1) as sandbox,
        sandbox.open("import time\ndef f(): time.sleep(9)") as program,
    ):
        killer = threading.Timer(0.2, os.kill, (program._cell.pid, signal.SIGKILL))
        killer.start()
        reply = program.call("f")
    assert (reply.status, reply.error) == ("killed", "SIGKILL from outside")
    assert reason_of(reply) == "infrastructure"


# A timer that sends SIGKILL: timer_create, timer_settime.
TIMED = """
event = struct.pack("=QiiQ", 0, 9, 0, 0) + bytes(48)
timer = ctypes.c_int(0)
libc.syscall({timer_create}, 1, event, ctypes.byref(timer))
libc.syscall({timer_settime}, timer.value, 0, struct.pack("=qqqq", 0, 0, 0, 10_000_000), None)
time.sleep(0.3)
"""
NUMBERS = {
    "tgkill": {"x86_64": 234, "aarch64": 131},
    "timer_create": {"x86_64": 222, "aarch64": 107},
    "timer_settime": {"x86_64": 223, "aarch64": 110},
}


@pytest.mark.parametrize(
    "kill",
    [
        "os.kill(os.getpid(), 9)",
        "signal.pthread_kill(threading.get_ident(), 9)",
        "libc.syscall({tgkill}, os.getpid(), os.getpid(), 9)",
        "resource.setrlimit(resource.RLIMIT_CPU, (0, 0))\nwhile True: pass",
        TIMED,
    ],
)
@pytest.mark.parametrize("level", ["namespaces", "process"])
def test_no_program_can_look_as_if_killed_from_outside(level: str, kill: str) -> None:
    if why := levels.detect()[level]:
        pytest.skip(f"NOT TESTED HERE: {level}: {why}")
    code = (
        "import ctypes, os, resource, signal, struct, threading, time\nlibc = ctypes.CDLL(None)\n"
    )
    for name, numbers in NUMBERS.items():
        kill = kill.replace(f"{{{name}}}", str(numbers.get(os.uname().machine, -1)))
    code += kill
    with Sandbox(level, workers=1) as sandbox:
        outcome = sandbox.run(code)
    assert reason_of(outcome) != "infrastructure"
