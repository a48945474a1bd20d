"""Where /proc hides what programs use, they may not make processes that only a look would bound."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reasoning_lab.sandbox import levels

ROOT = Path(__file__).parents[2]
ASKED = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from reasoning_lab.sandbox.sandbox import Sandbox
with Sandbox(workers=1) as sandbox:
    print(sandbox.level.name, sandbox.level.walls.fork)
    print(sandbox.run("import threading, os\\nt = threading.Thread(target=print, args=(6 * 7,))\\n"
                      "t.start(); t.join(); os.fork()"))
"""
HIDDEN = (
    "mount -o remount,hidepid=2 /proc && exec setpriv --reuid=54321 --regid=54321 --clear-groups"
)


@pytest.mark.skipif(os.name != "posix" or not sys.platform.startswith("linux"), reason="of Linux")
@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED HERE: only root can hide processes")
def test_a_proc_that_hides_processes() -> None:
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None or not shutil.which("setpriv") or not shutil.which("unshare"):
        pytest.skip("NOT TESTED HERE: an ordinary user cannot start this Python")
    if why := levels.detect()["namespaces"]:
        pytest.skip(f"NOT TESTED HERE: namespaces: {why}")
    # With a namespace of process ids of its own, or all of the machine would see its /proc changed.
    within = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c"]
    done = subprocess.run(
        [*within, f'{HIDDEN} "$@"', "sh", python, "-c", ASKED, str(ROOT)],
        capture_output=True, text=True, timeout=120, check=False, cwd="/",
        env={"PATH": os.defpath, "HOME": "/"},
    )  # fmt: skip
    if "requires a different Python" in done.stderr or "SyntaxError" in done.stderr:
        pytest.skip("NOT TESTED HERE: the system's Python is too old")
    assert done.stdout.count("\n") == 2, done.stdout + done.stderr
    first, second = done.stdout.splitlines()
    assert first == "namespaces False", done.stdout + done.stderr
    assert "stdout='42\\n'" in second
    assert "denied" in second
