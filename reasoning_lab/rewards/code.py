"""Code: does the program pass the row's tests? Its place; the sandbox for it is not built."""

from __future__ import annotations

from reasoning_lab.errors import DataError, SandboxError
from reasoning_lab.rewards.term import row_check
from reasoning_lab.text.example import Completion, Example

_WHAT = "has tests, and model-written code cannot be run yet"
_CURE = "choose rows without tests, or a reward without the term: reward=math"


def _row(example: Example) -> str:
    if example.tests:
        raise DataError.one(f"row {example.id!r}", f"the row {_WHAT}", _CURE)
    return "the row has no tests"


@row_check(_row)
def code(completion: Completion, example: Example) -> float | None:
    """Share of the row's tests that the program passes, once there is a sandbox to run it in.

    None for a row without tests. A row with tests is refused when the data is loaded; asked all
    the same, the term raises SandboxError, for a program that was not run is neither right nor
    wrong. Nothing a model wrote is ever run. Range {None} for now.
    """
    if example.tests:
        raise SandboxError.one(f"row {example.id!r}", _WHAT, _CURE)
    return None
