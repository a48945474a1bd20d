"""A screen that nobody reads any more ends no run, and starts none."""

import os
import subprocess
import sys
from pathlib import Path

LINES = """
import pathlib, sys
from reasoning_lab.report.text.output import Output
for _ in range(3):
    Output().print("a line")
    sys.stdout.flush()
pathlib.Path("done").write_text("whole")
"""


def unread(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command into a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, *command],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            check=False,
        )
    finally:
        os.close(writing)


def test_work_goes_on_unseen(tmp_path: Path) -> None:
    done = unread("-c", LINES, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "done").read_text() == "whole"


def test_a_run_whose_plan_nobody_reads_is_not_begun(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"completion": "x", "answer": "1"}\n')
    command = ("-m", "reasoning_lab", "stage=score", "reward=math", "score.path=s.jsonl")
    done = unread(*command, folder=tmp_path)
    assert (done.returncode, done.stderr) == (141, "")
    assert [path.name for path in tmp_path.iterdir()] == ["s.jsonl"]
