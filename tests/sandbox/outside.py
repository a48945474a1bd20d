"""The naive way to run a program, for comparison: with everything that the user may do.

A descriptor of a secret file is left open for it, as careless programs do.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from reasoning_lab.sandbox.attack import Attack
from reasoning_lab.sandbox.outcome import Outcome

_LONG = 30.0  # seconds


def run_outside(attack: Attack, aims: dict[str, Any]) -> Outcome:
    """`subprocess.run([python, "-c", code])`, in a folder of its own."""
    leaked = os.open(aims["file"], os.O_RDONLY)
    try:
        os.set_inheritable(leaked, True)
        done = subprocess.run(
            [sys.executable, "-c", attack.job(aims).code],
            cwd=Path(aims["file"]).parent,
            capture_output=True,
            text=True,
            timeout=_LONG,
            check=False,
            close_fds=False,
        )
    finally:
        os.close(leaked)
    return Outcome("ok" if done.returncode == 0 else "error", done.stdout, done.stderr)
