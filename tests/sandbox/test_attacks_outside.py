"""Every attack works where nothing stops it: otherwise its failure inside would prove nothing."""

from __future__ import annotations

import os
import warnings

import pytest

from reasoning_lab.sandbox.attack import Attack, got_through
from sandbox.aims import aims
from sandbox.attacks import ALL
from sandbox.outside import run_outside

# What an ordinary user or a careful machine refuses by itself; said loudly where it does.
MAY_FAIL = {
    "write to a device",
    "mount a file system",
    "become root",
    "change the Python library",
    "make a file in the library",
    "trace a sibling",
} | {attack.name for attack in ALL if attack.name.startswith("system call")}


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_works_outside(attack: Attack) -> None:
    with aims() as there:
        outcome = run_outside(attack, there)
        if got_through(outcome, there):
            return
    why = outcome.stderr.strip().rpartition("\n")[2] or "it ran, and got nothing"
    if attack.name in MAY_FAIL and (os.geteuid() != 0 or "system call" in attack.name):
        warnings.warn(f"not shown on this machine: {attack.name}", stacklevel=1)
        pytest.skip(f"this machine refuses it by itself: {why}")
    pytest.fail(f"the attack does not work: {why}")
