"""How a refused command looks: every problem, its place and its cure, and no traceback."""

from rich.console import Console
from rich.text import Text

from reasoning_lab.errors import REFUSED, LabError


def refuse(error: LabError) -> int:
    """Print the problems of a command on stderr; return its exit status."""
    render(error, Console(stderr=True))
    return REFUSED


def render(error: LabError, console: Console) -> None:
    """Print all problems of `error` to `console` (stderr's).

    Lines are never wrapped or cut, so that keys and paths can be copied whole.
    """
    count = len(error.problems)
    title = "One problem" if count == 1 else f"{count} problems"
    _line(console, Text.assemble((f"{title}:", "bold red")))
    for problem in error.problems:
        _line(
            console,
            Text.assemble("  ", (problem.where, "bold"), ": ", _indented(problem.what)),
        )
        if problem.cure:
            _line(console, Text.assemble("    ", ("→ ", "green"), _indented(problem.cure)))


def _line(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True, highlight=False)


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")
