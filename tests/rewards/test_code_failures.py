"""When the sandbox itself fails, programs are masked and somebody is told; nothing becomes 0."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reasoning_lab.sandbox import proof

# In a user namespace that may not have further ones: no walls can be built. The level has been
# proved before, as it is when a machine loses it in the midst of a run.
OFF = "echo 0 > /proc/sys/user/max_user_namespaces"
BATCH = """
import json, logging
from reasoning_lab.rewards.code_room import notes
from reasoning_lab.rewards.trl import batch_metrics
from rewards.rows import wrote
from rewards.test_code import DOUBLES, ROW, SQUARES, composer, fenced

logging.basicConfig(level=logging.ERROR, format="%(message)s")
judge = composer()
rows = [(wrote(text), ROW) for text in (fenced(DOUBLES), fenced(SQUARES), "none")]
scores = judge.score_batch(rows, [0, 0, 1])
metrics = batch_metrics(judge, rows, scores)
print(json.dumps([[score.parts["code"] for score in scores], metrics["code/infrastructure_rate"],
                  notes()]))
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
    values, rate, notes = json.loads(done.stdout)
    assert values == [None, None, 0.0]  # the last one wrote no program at all
    assert rate == pytest.approx(2 / 3)
    told = "the sandbox failed on 2 of 2 programs"
    assert f"{told}: their samples are not scored" in done.stderr
    assert any(f"{told}: their samples were not scored" in note for note in notes)
