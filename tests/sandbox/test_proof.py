"""The start-up self-test finds what gets through walls that are not what they are said to be."""

from __future__ import annotations

import pytest

from reasoning_lab.sandbox import kernel, proof
from reasoning_lab.sandbox.attack import FIRST
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.walls import Walls

SAID = Walls("user", seccomp=True, landlock=1, fork=True)
# Limits stop the others with no walls at all, or stop them for some users.
OPEN = {
    "read a file of the user",
    "read the project's source",
    "write outside of its folder",
    "connect to a port",
    "signal the parent",
    "start another program",
}


@pytest.mark.skipif(not kernel.LINUX, reason="NOT TESTED HERE: walls are a part of Linux")
def test_what_gets_through_is_found() -> None:
    door = Door(Walls("", seccomp=False, landlock=0))
    try:
        found = set(proof._wrong(door, SAID))
    finally:
        door.end()
    assert found >= {f"not stopped: {name}" for name in OPEN}
    assert found <= {f"not stopped: {attack.name}" for attack in FIRST}
