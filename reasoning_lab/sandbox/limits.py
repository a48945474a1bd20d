"""What one program may use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one program; every one of them is kept by something it cannot undo.

    `cpu_seconds`: computing time of all its processes; the kernel's own backstop counts whole
    seconds, rounded up. `wall_seconds`: from handing it over, kept by this process. `memory_mb`:
    above what the bare interpreter takes, for one process, and about that for all of them
    together. `output_bytes`: of stdout, and as much of stderr. `files_mb`: the size of its
    private folder (nothing may be written at level `process`). `processes`: itself, its threads
    and children together. `descriptors`: open files.

    >>> Limits(wall_seconds=1.0).memory_mb
    256

    Raises `ValueError` for a number that is not above 0, above `MOST`, or no whole one where the
    default is one.
    """

    cpu_seconds: float = 2.0
    wall_seconds: float = 5.0
    memory_mb: int = 256
    output_bytes: int = 65536
    files_mb: int = 32
    processes: int = 32
    descriptors: int = 64

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not (value > 0 and math.isfinite(value)):
                raise ValueError(f"{each.name}={value}: a limit is above 0")
            if isinstance(each.default, int) and type(value) is not int:
                raise ValueError(f"{each.name}={value}: must be a whole number")
            if value > MOST:
                raise ValueError(f"{each.name}={value}: more than {MOST}, which is as good as none")


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run from its first line to its end, with what it reads.

    `files`: contents by relative path, laid into its folder before it starts.
    """

    code: str
    stdin: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
