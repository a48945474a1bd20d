"""How the sandbox ends: with its user, however that comes about, and without a trace."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reasoning_lab.sandbox import levels
from reasoning_lab.sandbox.sandbox import Sandbox
from sandbox.test_life import all_gone, eventually

ROOT = Path(__file__).parents[2]
OWNER = """
import sys, threading, time
from reasoning_lab.sandbox.sandbox import Sandbox
sandbox = Sandbox(sys.argv[1], workers=1)
sandbox.run("pass")
print(*(door.process.pid for door in sandbox._keepers.doors), flush=True)
threading.Thread(target=sandbox.run, args=("import time; time.sleep(60)",), daemon=True).start()
time.sleep(60)
"""


def descendants(pid: int) -> set[int]:
    found = {pid}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            found |= descendants(int(child))
    return found


@pytest.fixture(autouse=True)
def _a_level() -> None:
    if why := levels.detect()["namespaces"]:
        pytest.skip(f"NOT TESTED HERE: namespaces: {why}")


@pytest.mark.parametrize("name", ["namespaces", "process"])
def test_ends_with_its_user(name: str) -> None:
    if why := levels.detect()[name]:
        pytest.skip(f"NOT TESTED HERE: {name}: {why}")
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, name], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    pids = [int(word) for word in owner.stdout.readline().split()]
    time.sleep(0.3)
    everything = set().union(*map(descendants, pids))
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert len(everything) >= 2
    assert all_gone(everything)


def test_a_keeper_killed_from_outside_is_replaced() -> None:
    with Sandbox(workers=1) as sandbox:
        sandbox.run("pass")
        (door,) = sandbox._keepers.doors
        everything = descendants(door.process.pid)
        os.kill(door.process.pid, signal.SIGKILL)
        assert sandbox.run("print(1)").stdout == "1\n"
        assert all_gone(everything)


def test_closing_ends_every_process() -> None:
    with Sandbox(workers=2) as sandbox:
        sandbox.prepare(8)
        doors = [door.process.pid for door in sandbox._keepers.doors]
        assert eventually(lambda: len(set().union(*map(descendants, doors))) >= 12)
        everything = set().union(*map(descendants, doors))
    assert all_gone(everything)


@pytest.mark.slow
def test_works_for_an_ordinary_user() -> None:
    """The self-test, an honest program and every attack, as somebody without any right."""
    if os.geteuid() != 0:
        pytest.skip("all of these tests run as an ordinary user already")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None or not shutil.which("setpriv"):
        pytest.skip("NOT TESTED HERE: an ordinary user cannot start this Python")
    done = subprocess.run(
        [
            "setpriv",
            "--reuid=54321",
            "--regid=54321",
            "--clear-groups",
            python,
            ROOT / "tests/sandbox/as_user.py",
            ROOT,
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "HOME": "/"},
    )
    if "requires a different Python" in done.stderr or "SyntaxError" in done.stderr:
        pytest.skip("NOT TESTED HERE: the system's Python is too old")
    assert done.stdout == "namespaces: 42\nprocess: 42\n", done.stdout + done.stderr


def test_a_machine_that_allows_few_open_files() -> None:
    few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))\n"
    few += "from reasoning_lab.sandbox.sandbox import Sandbox\n"
    few += "with Sandbox(workers=1) as one: print(one.run('import os; print(os.listdir())').stdout)"
    done = subprocess.run([sys.executable, "-c", few], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n\n", "")
