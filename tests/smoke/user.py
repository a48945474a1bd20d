"""The lab as a user starts it: a command, in a folder that is not the checkout."""

import subprocess
import sys
from pathlib import Path


def lab(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m reasoning_lab …`, come to its end; its runs go to `output`."""
    return subprocess.run(
        [sys.executable, "-m", "reasoning_lab", f"output={output}", *arguments],
        cwd=output,
        capture_output=True,
        text=True,
        check=False,
    )


def only(folder: Path, pattern: str) -> Path:
    """The one path that a pattern finds."""
    (found,) = folder.glob(pattern)
    return found
