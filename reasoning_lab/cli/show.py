"""How the entry point says no."""

from __future__ import annotations

from reasoning_lab.errors import LabError

REFUSED = 2


def refuse(error: LabError) -> int:
    """Print the problems on stderr; return the exit status of a refused command."""
    from rich.console import Console

    from reasoning_lab.report.text.problems import render

    render(error, Console(stderr=True))
    return REFUSED
