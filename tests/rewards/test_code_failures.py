"""When the sandbox itself fails, programs are masked and somebody is told; nothing becomes 0."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.sandbox import proof
from reasoning_lab.sandbox.sandbox import Sandbox

# In a user namespace that may not have further ones: no walls can be built. The level has been
# proved before, as it is when a machine loses it in the midst of a run.
OFF = "echo 0 > /proc/sys/user/max_user_namespaces"
BATCH = """
import json, logging
from reasoning_lab.rewards.trl import batch_metrics
from rewards.rows import SANDBOXES, strict, wrote
from rewards.test_code import DOUBLES, ROW, SQUARES, composer, fenced

logging.basicConfig(level=logging.ERROR, format="%(message)s")
judge = composer()
rows = [(wrote(text), ROW) for text in (fenced(DOUBLES), fenced(SQUARES), "none")]
scores = judge.score_batch(rows, [0, 0, 1])
metrics = batch_metrics(judge, rows, scores)
print(json.dumps([[score.parts["code"] for score in scores], metrics["code/infrastructure_rate"],
                  [one.failed for one in SANDBOXES.used()], [strict(*row) for row in rows]]))
"""


@pytest.mark.usefixtures("code_sandbox")
def test_programs_are_masked_when_the_sandbox_fails() -> None:
    within = ["unshare", "-Ur", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*within, OFF], check=False).returncode:
        pytest.skip("NO USER NAMESPACES HERE, a sandbox that fails was not tried")
    here = Path(__file__).parents[1]
    proved = os.environ[proof.VARIABLE].replace(f" {os.getuid()} ", " 0 ")
    done = subprocess.run(
        [*within, f'{OFF}; exec "$0" -c "$1"', sys.executable, BATCH],
        env=os.environ | {"PYTHONPATH": str(here), proof.VARIABLE: proved},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    values, rate, failed, right = json.loads(done.stdout)
    assert values == [None, None, 0.0]  # the last one wrote no program at all
    assert rate == pytest.approx(2 / 3)
    assert "failed on 2 of the last 2 programs: their samples are not scored" in done.stderr
    assert failed == [2]
    assert right == [None, None, False]


SLOW = "import time\ndef f(x):\n    time.sleep(0.5)\n    return 2 * x"
OF_FUNCTIONS: list[dict[str, Any]] = [
    {"type": "call", "fn": "f", "args": [2], "expected": 4},
    {"type": "assert", "code": "assert f(2) == 4"},
]


def failing(
    times: int, monkeypatch: pytest.MonkeyPatch, name: str, do: Callable[[Sandbox], None]
) -> None:
    """Before each of the first `times` uses of `Sandbox.name`, `do` something to the sandbox."""
    left = [times]

    def sometimes(self: Sandbox, *words: Any, **settings: Any) -> Any:
        if left[0]:
            left[0] -= 1
            do(self)
        return usual(self, *words, **settings)

    usual = getattr(Sandbox, name)
    monkeypatch.setattr(Sandbox, name, sometimes)


def refuse(_: Sandbox) -> None:
    raise SandboxError.one("sandbox", "not now")


def kill_soon(sandbox: Sandbox) -> None:
    """End its keepers in the midst of what comes next."""

    def kill() -> None:
        for door in sandbox._keepers.doors:
            os.kill(door.process.pid, signal.SIGKILL)

    threading.Timer(0.3, kill).start()


@pytest.mark.usefixtures("code_sandbox")
@pytest.mark.parametrize("test", OF_FUNCTIONS, ids=["call", "assert"])
@pytest.mark.parametrize("do", [refuse, kill_soon])
def test_a_program_is_judged_again_when_the_sandbox_failed(
    do: Callable[[Sandbox], None], test: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(1, monkeypatch, "open", do)
    with Sandboxes() as own:
        (result,) = own.judge([(f"{SLOW}  # {do} {test}", [test])], Room())
    assert (result.passed, result.judged) == (1, True), result


@pytest.mark.usefixtures("code_sandbox")
def test_twice_is_a_failure_until_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(2, monkeypatch, "open", refuse)
    failing(2, monkeypatch, "run", refuse)
    cases = [(f"{SLOW}  # twice", OF_FUNCTIONS), ("print(1)  # twice", [])]
    with Sandboxes() as own:
        assert [result.judged for result in own.judge(cases, Room())] == [False, False]
        assert [one.failed for one in own.used()] == [2]
        again = own.judge(cases, Room())
        (used,) = own.used()
    assert [(result.judged, result.share) for result in again] == [(True, 1.0), (True, 1.0)]
    assert (used.judged, used.failed) == (2, 0), "counted by their last result"
