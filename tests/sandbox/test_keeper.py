"""What a keeper lets through to its programs from its own parent, and what becomes of both."""

import contextlib
import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from reasoning_lab.sandbox import levels, runner
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job, Limits
from sandbox.levels_here import WALLS, missing
from sandbox.test_life import all_gone
from sandbox.test_sandbox_life import ROOT, descendants

SIZE = Limits().files_mb * 2**20
MANY = 700  # open files, more than a keeper may have


@pytest.fixture(params=WALLS)
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """A keeper behind one kind of walls, of a parent with many open files."""
    if why := missing(request.param):
        pytest.skip(f"NOT TESTED HERE: {request.param}: {why}")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 2 * MANY:
        pytest.skip(f"NOT TESTED HERE: at most {before[1]} open files")
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (2 * MANY, before[1]))
        for _ in range(MANY):
            stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        door = Door(WALLS[request.param])
        stack.callback(door.end)
        yield door


LOOK = """
import os
for number in range(4, 4096):
    try: os.fstat(number)
    except OSError: continue
    print(number)
"""


def test_no_descriptor_of_a_parent_with_many_is_a_programs(door: Door) -> None:
    """By its control socket a program could take others' channels, and tell how they ended."""
    assert door.control.fileno() > MANY
    for warm in (False, True):
        outcome = runner.run(door, door.make(SIZE, warm), Job(LOOK))
        assert (outcome.status, outcome.stdout) == ("ok", "")


def test_programs_end_with_their_keeper(door: Door) -> None:
    """However it ends, and with nobody there to end them."""
    cell = door.make(SIZE)
    runner.ready(cell)
    code = "import time; print(1, flush=True); time.sleep(90)"
    cell.send(runner.order("run", Job(code), door), time.monotonic() + 60)
    while not cell.texts[cell.stdout]:
        cell.pump(1.0, 99)
    everything = descendants(door.process.pid)
    assert cell.pid in everything
    os.kill(door.process.pid, signal.SIGKILL)
    assert all_gone(everything)
    cell.close()


FAMILY = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.socketpair(30, 1, 0, bytes(8)), ctypes.get_errno())
"""


def test_no_family_of_sockets_is_asked_for(door: Door) -> None:
    """The kernel would look for a module of it, and load that."""
    assert runner.run(door, door.make(SIZE), Job(FAMILY)).stdout == f"-1 {errno.EPERM}\n"


SHORT_OF_NAMESPACES = """
from pathlib import Path
from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import runner, walls
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job
walls._map_from_inside()  # a user namespace of our own, whose numbers we may set
door = Door(walls.Walls("user", True, 0, True))
most = Path("/proc/sys/user/WHICH")
before = most.read_text()
most.write_text("1")
for _ in range(4):
    door.make(2**20).kill()  # nobody hears why it cannot be made
try:
    print(runner.run(door, door.make(2**20), Job("print('through')")).stdout)
except SandboxError as error:
    print(error)
most.write_text(before)
print(runner.run(door, door.make(2**20), Job("print(6 * 7)")).stdout)
door.end()
"""


@pytest.mark.parametrize("which", ["max_mnt_namespaces", "max_pid_namespaces"])
def test_a_program_that_cannot_be_made_costs_no_other(which: str) -> None:
    if why := levels.detect()["namespaces"]:
        pytest.skip(f"NOT TESTED HERE: namespaces: {why}")
    done = subprocess.run(
        [sys.executable, "-c", SHORT_OF_NAMESPACES.replace("WHICH", which)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert "could not be closed in: [Errno 28]" in done.stdout, done
    assert done.stdout.endswith("\n42\n\n"), done
    assert "through" not in done.stdout
