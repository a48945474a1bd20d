"""The start-up self-test finds what gets through walls that are not what they are said to be.

And a level of which it finds anything is refused.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import kernel, levels, proof, runner
from reasoning_lab.sandbox.attack import FIRST, targets
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.sandbox.walls import Walls
from sandbox.levels_here import missing
from sandbox.remains import of_keeper
from sandbox.test_life import eventually

SAID = Walls("user", seccomp=True, landlock=1, fork=True)
# Limits stop the others with no walls at all, or stop them for some users.
OPEN = {
    "read a file of the user",
    "read the project's source",
    "write outside of its folder",
    "connect to a port",
    "signal the parent",
    "start another program",
    "outlive its run",
}


@pytest.fixture
def unwalled() -> Iterator[Door]:
    """A keeper with no walls at all."""
    if not kernel.LINUX:
        pytest.skip("NOT TESTED HERE: walls are a part of Linux")
    door = Door(Walls("", seccomp=False, landlock=0))
    yield door
    door.end()


def test_what_gets_through_is_found(unwalled: Door) -> None:
    found = set(proof._wrong(unwalled, SAID))
    assert found >= {f"not stopped: {name}" for name in OPEN}
    assert found <= {f"not stopped: {attack.name}" for attack in FIRST}


def test_what_outlives_its_run_is_seen_among_the_processes(unwalled: Door) -> None:
    """So `test_attacks_inside.py` can fail where no mark could be left, as in namespaces."""
    (attack,) = [each for each in FIRST if each.name == "outlive its run"]
    lasting = replace(attack, code=attack.code.replace("sleep(0.1)", "sleep(60)"))
    assert lasting != attack
    before = of_keeper(unwalled)
    with targets() as there:
        cell = unwalled.take(attack.limits.files_mb * 2**20)
        runner.run(unwalled, cell, lasting.job(there))
        found: list[set[int]] = []

        def settled() -> bool:
            """Its children fork and end in the midst of a look, until one is left, which stays."""
            found.append(of_keeper(unwalled) - before)
            time.sleep(0.1)
            return len(found[-1]) == 1 and of_keeper(unwalled) - before == found[-1]

        assert eventually(settled)
        (left,) = found[-1]
        os.kill(left, signal.SIGKILL)


@pytest.mark.parametrize("name", ["namespaces", "process"])
def test_one_wrong_outcome_refuses_the_level(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if why := missing(name):
        pytest.skip(f"NOT TESTED HERE: {name}: {why}")
    monkeypatch.setattr(proof, "_wrong", lambda *_: iter(["not stopped: a probe"]))
    monkeypatch.setattr(levels, "_KNOWN", {})
    monkeypatch.setenv(proof.VARIABLE, "")
    with Sandbox(name, workers=1) as sandbox:
        for ask in (lambda: levels.choose(name), lambda: sandbox.run("print(1)")):
            with pytest.raises(SandboxError, match="not stopped: a probe"):
                ask()
    assert not os.environ[proof.VARIABLE]
    assert not levels._KNOWN
