"""Every attack works where nothing stops it: otherwise its failure inside would prove nothing."""

import os
import warnings

import pytest

from reasoning_lab.sandbox.attack import Attack, got_through
from sandbox.aims import aims
from sandbox.attacks import ALL, AS_ROOT, BY_KERNEL
from sandbox.outside import run_outside

# On a busy machine a late mark is later; who gets through is not waited for that long.
PATIENCE = 20


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_works_outside(attack: Attack) -> None:
    with aims() as there:
        outcome = run_outside(attack, there)
        if got_through(outcome, there, PATIENCE * attack.lasts):
            return
    why = outcome.stderr.strip().rpartition("\n")[2] or "it ran, and got nothing"
    # Said loudly, and not only in a list of skipped tests.
    if attack.name in BY_KERNEL or (attack.name in AS_ROOT and os.geteuid() != 0):
        warnings.warn(f"not shown on this machine: {attack.name}", stacklevel=1)
        pytest.skip(f"this machine refuses it by itself: {why}")
    pytest.fail(f"the attack does not work: {why}")
