"""A program beside hostile ones in the same sandbox comes to its end as if it were alone.

What is sent to everybody is SIGURG, which nobody minds who has no handler for it: walls with a hole
would let it out to the whole machine. Processes of the sandbox alone are killed and traced.
"""

import json
from concurrent.futures import Future, ThreadPoolExecutor

import psutil
import pytest

from reasoning_lab.sandbox import kernel
from reasoning_lab.sandbox.levels import Level
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.sandbox.walls import Walls
from sandbox.levels_here import missing
from sandbox.test_life import eventually

HONEST = """
import signal, time
signal.signal(signal.SIGURG, lambda *_: print("a signal", flush=True))
until = time.monotonic() + 0.5
while time.monotonic() < until: time.sleep(0.005)
print("whole")
"""
HOSTILE = """
import ctypes, os, signal, time
libc = ctypes.CDLL(None)
me = os.getpid()

def send(pid, number):
    try: os.kill(pid, number)
    except OSError: pass

time.sleep(0.1)
if EVERYBODY:
    send(-1, signal.SIGURG)
    for pid in (*range(2, 3000), *range(max(2, me - 3000), me + 3000)): send(pid, signal.SIGURG)
for pid in SIBLINGS:
    if pid != me:
        libc.ptrace(16, pid, 0, 0)
        send(pid, signal.SIGKILL)
print("done")
"""
CELLS = 8  # that wait for programs, of both workers together


def beside(sandbox: Sandbox, walled: bool = True) -> tuple[Outcome, list[Outcome]]:
    """How an honest program ends, and hostile ones that run one after another meanwhile.

    Not `walled`: one only, against programs and not their keepers, which would be replaced.
    """
    before = everything()
    sandbox.prepare(CELLS)  # the honest one will be one of these, so that its number is known
    assert eventually(lambda: len(everything() - keepers() - before) >= CELLS)
    mine = keepers() - before
    siblings = everything() - before - (set() if walled else mine)
    program = f"SIBLINGS, EVERYBODY = {json.dumps(sorted(siblings))}, {walled}\n{HOSTILE}"
    with ThreadPoolExecutor(1) as thread:
        honest: Future[Outcome] = thread.submit(sandbox.run, HONEST)
        ended = [sandbox.run(program)]
        while walled and not honest.done():
            ended.append(sandbox.run(program))
    assert mine <= keepers(), "a keeper is gone, and the honest program was run again"
    return honest.result(), ended


def keepers() -> set[int]:
    """The children of this process."""
    return {each.pid for each in psutil.Process().children() if each.status() != "zombie"}


def everything() -> set[int]:
    """All that comes of this process."""
    return {each.pid for each in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize("name", ["namespaces", "process"])
def test_the_honest_one_comes_to_its_end(name: str) -> None:
    if why := missing(name):
        pytest.skip(f"NOT TESTED HERE: {name}: {why}")
    with Sandbox(name, workers=2) as sandbox:
        honest, ended = beside(sandbox)
    assert (honest.status, honest.stdout) == ("ok", "whole\n"), honest
    assert {(each.status, each.stdout) for each in ended} == {("ok", "done\n")}, ended


def test_without_walls_it_does_not() -> None:
    """So the test above can fail."""
    if not kernel.LINUX:
        pytest.skip("NOT TESTED HERE: walls are a part of Linux")
    with Sandbox("process", workers=2) as sandbox:
        sandbox._level = Level("open", "", "", "", Walls("", seccomp=False, landlock=0))
        honest, _ = beside(sandbox, walled=False)
    assert (honest.status, honest.reason) == ("killed", "SIGKILL")
