"""What became of a program, or of one call of it."""

import signal
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["ok", "error", "timeout", "memory", "output", "killed", "refused"]
FROM_OUTSIDE = "SIGKILL from outside"
"""The reason of a program that something else on this machine killed; that says nothing of it."""

ASLEEP = "asleep"
"""How the reason of a time-out ends where the program computed nothing and was not kept from it."""


def signal_name(number: int) -> str:
    """A signal by its name, where it has one.

    >>> signal_name(9), signal_name(40)
    ('SIGKILL', 'signal 40')
    """
    known = number in set(signal.Signals)
    return signal.Signals(number).name if known else f"signal {number}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended. Nothing here is proof of anything but that: `ok` is exit status 0.

    `ok`: it came to its end, or left with status 0; `error`: an exception or another status;
    `timeout`: of wall-clock or computing time; `memory`: it wanted more than its limit;
    `output`: it wrote more than its limit; `killed`: a signal; `refused`: never started, and
    `reason` says why. `stdout` and `stderr` are cut at the limit and decoded with replacement
    characters. `seconds`: from handing it over; `peak_memory_mb`: of its largest process, the
    interpreter included. `reason`: a few words; they begin with `denied` where the exception
    that ended it says that the sandbox did not allow something.
    """

    status: Status
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call of a program's function gave.

    `status`: `ok` with `value` (plain data), or `error` with `kind` (the exception's type, or
    `NotPlain` for a value that cannot cross), `error` (its message) and `base` (the nearest of
    Python's own exceptions that it is one of), or how the program ended, as in `Outcome`; then
    no further call is answered.
    """

    status: Status
    value: Any = None
    kind: str = ""
    error: str = ""
    seconds: float = 0.0
    base: str = ""
