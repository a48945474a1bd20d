"""Batches: while a program is cleared away the next one runs; nothing is lost or left behind."""

import threading
import time
from pathlib import Path

import pytest

from reasoning_lab.sandbox import levels
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.sandbox import Sandbox

WHY = levels.detect()["namespaces"]
needed = pytest.mark.skipif(bool(WHY), reason=f"NOT TESTED HERE: namespaces: {WHY}")
SEND = "import os, struct\ndef send(b): os.write(3, struct.pack('!I', len(b)) + b)\n"
SLOW = "import time\ntime.sleep(0.05)\nprint({n})"


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _kill_keepers(sandbox: Sandbox, seconds: float) -> None:
    time.sleep(seconds)
    for door in list(sandbox._keepers.doors):
        door.process.kill()


@needed
@pytest.mark.parametrize("isolation", ["namespaces", "process"])
def test_a_keeper_lost_in_the_midst_of_a_batch_costs_no_outcome(isolation: str) -> None:
    jobs = [Job(SLOW.replace("{n}", str(n))) for n in range(24)]
    before = _descriptors()
    with Sandbox(isolation, workers=2) as sandbox:
        sandbox.run("print(1)")
        killer = threading.Thread(target=_kill_keepers, args=(sandbox, 0.2))
        killer.start()
        outcomes = sandbox.run_all(jobs)
        killer.join()
    assert [one.stdout for one in outcomes] == [f"{n}\n" for n in range(24)]
    assert _descriptors() == before


@needed
def test_every_outcome_has_its_place() -> None:
    kinds = {
        "print({n})": ("ok", "{n}\n"),
        "raise ValueError({n})": ("error", ""),
        "while {n} + 1: pass": ("timeout", ""),
        "print('{n}' * 99_999)": ("output", None),
        "import os; print({n}, flush=True); os._exit(3)": ("error", "{n}\n"),
    }
    rows = [(code, want, n) for n in range(4) for code, want in kinds.items()]
    limits = Limits(cpu_seconds=0.5, wall_seconds=3.0)
    jobs = [Job(code.replace("{n}", str(n)), limits=limits) for code, _, n in rows]
    jobs.insert(3, Job("print(1)", files={"../x": ""}))
    jobs.append(Job("#" + "x" * 2**28))
    with Sandbox(workers=2) as sandbox:
        found = sandbox.run_all(jobs)
    assert (found.pop(3).status, found.pop().status) == ("refused", "refused")
    for one, (_, (status, printed), n) in zip(found, rows, strict=True):
        assert one.status == status
        if printed is not None:
            assert one.stdout == printed.replace("{n}", str(n))


@needed
def test_no_more_programs_at_once_than_workers() -> None:
    """Each tells when it ran, by a clock that all share."""
    code = "import time\na = time.monotonic()\ntime.sleep(0.02)\nprint(a, time.monotonic(), {n})"
    jobs = [Job(code.replace("{n}", str(n))) for n in range(16)]
    with Sandbox(workers=2) as sandbox:
        spans = [one.stdout.split()[:2] for one in sandbox.run_all(jobs)]
    moments = [float(begin) for begin, _ in spans]
    at_once = [sum(float(b) <= moment < float(e) for b, e in spans) for moment in moments]
    assert max(at_once) == 2


@needed
def test_what_says_it_is_done_and_goes_on_is_ended() -> None:
    liar = f'{SEND}send(b\'["done", "", "", 1]\')\nwhile True: pass'
    with Sandbox(workers=1) as sandbox:
        sandbox.run_all([Job(f"{liar}  # {n}") for n in range(6)])
        (door,) = sandbox._keepers.doors
        door.settle(5.0)
        assert door.alive == {cell.ticket for _, cell in door.ahead}
