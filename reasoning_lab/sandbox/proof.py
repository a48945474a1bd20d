"""The start-up self-test: a level that lets one attack through is not used."""

import contextlib
import os
import platform
import time
from collections.abc import Iterator, Sequence

from reasoning_lab.sandbox import kernel, runner, watch
from reasoning_lab.sandbox.attack import FIRST, got_through, targets
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.walls import Walls

VARIABLE = "REASONING_LAB_SANDBOX_PROVED"
_HONEST = (
    (
        "import collections, json, math\n"
        "words = input().split()\n"
        "print(json.dumps(collections.Counter(words)), math.comb(5, 2))\n",
        '{"a": 2, "b": 1} 10\n',
    ),
    (
        "import decimal, threading\n"
        "out = []\n"
        "threads = [threading.Thread(target=out.append, args=(n,)) for n in range(4)]\n"
        "for each in threads: each.start()\n"
        "for each in threads: each.join()\n"
        "print(sum(out), decimal.Decimal('0.1') * 3)\n",
        "6 0.3\n",
    ),
)


def prove(walls: Walls, modules: Sequence[str]) -> list[str]:
    """What is wrong with these walls, in words; nothing where they keep what they promise.

    Runs once in a process tree: processes started from this one take its word for it. Raises
    `SandboxError` where the walls cannot be built at all.
    """
    mark = _mark(walls, modules)
    if mark in os.environ.get(VARIABLE, "").split("|"):
        return []
    door = Door(walls, modules)
    try:
        wrong = list(_wrong(door, walls))
    finally:
        door.end()
    if not wrong:
        known = [each for each in os.environ.get(VARIABLE, "").split("|") if each]
        os.environ[VARIABLE] = "|".join([*known, mark])
    return wrong


def _mark(walls: Walls, modules: Sequence[str]) -> str:
    """What the proof is about; another user, machine or kernel needs one of its own."""
    parts = (walls, os.getuid(), platform.node(), platform.release(), *modules)
    return " ".join(map(str, parts)).replace("|", " ")


def _wrong(door: Door, walls: Walls) -> Iterator[str]:
    for code, expected in _HONEST:
        outcome = _run(door, Job(code, "a b a", limits=Limits(wall_seconds=20.0)))
        if outcome.stdout != expected:
            last = outcome.stderr.strip().rpartition("\n")[2] or outcome.reason
            yield f"an honest program fails: {outcome.status}, {last}"
            return
    # One process keeps to the kernel's own limits; those of several together rest on a look.
    if kernel.LINUX and (walls.fork or not walls.seccomp) and not _seen(door):
        yield "/proc does not show what programs use (hidepid?)"
        return
    with contextlib.ExitStack() as aims:
        ended = []
        # What may leave its mark late runs first, so that the others' time is its waiting time.
        for attack in sorted(FIRST, key=lambda each: -each.lasts):
            there = aims.enter_context(targets())
            outcome = _run(door, attack.job(there))
            ended.append((attack, outcome, there, time.monotonic() + attack.lasts))
        for attack, outcome, there, until in ended:
            left = until - time.monotonic()
            if attack.stopped(walls) and got_through(outcome, there, left):
                yield f"not stopped: {attack.name}"


def _seen(door: Door) -> bool:
    """Whether what a program uses can be seen from here."""
    cell = door.take(Limits().files_mb * 2**20)
    try:
        runner.ready(cell)
        return watch.look(cell.pid) is not None
    finally:
        cell.kill()


def _run(door: Door, job: Job) -> Outcome:
    return runner.run(door, door.take(job.limits.files_mb * 2**20), job)
