"""What one program may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any

from reasoning_lab.errors import a_kind

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

    Raises `ValueError` with everything that is wrong: what is no number, a number that is not above
    0 or is above 2**31 - 1, or no whole one where the default is one.
    """

    cpu_seconds: float = 2.0
    wall_seconds: float = 5.0
    memory_mb: int = 256
    output_bytes: int = 65536
    files_mb: int = 32
    processes: int = 32
    descriptors: int = 64

    def __post_init__(self) -> None:
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        if wrong := faults(given):
            raise ValueError("; ".join(f"{name} {what}" for name, what in wrong.items()))


def faults(given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with which of the limits `given` by name; names that are none are passed over.

    >>> faults({"memory_mb": 0, "cpu_seconds": 1})
    {'memory_mb': 'must be above 0, got 0'}
    """
    found = {}
    for each in fields(Limits):
        if each.name in given and (what := _fault(given[each.name], isinstance(each.default, int))):
            found[each.name] = f"{what}, got {given[each.name]!r:.60}"
    return found


def _fault(value: Any, whole: bool) -> str:
    kind = "a whole number" if whole else "a number"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"must be {kind} above 0"
    if not value > 0:
        return "must be above 0"
    if value > MOST:
        return f"must be at most {MOST:,}: more is as good as no limit"
    return "must be a whole number" if whole and not isinstance(value, int) else ""


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run from its first line to its end, with what it reads.

    `files`: contents by relative path, laid into its folder before it starts. Raises `TypeError`
    for what is no text, no mapping of texts, or no `Limits`.
    """

    code: str
    stdin: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        _check_text("code", self.code)
        _check_text("stdin", self.stdin)
        if not isinstance(self.files, Mapping):
            raise TypeError(f"files: {a_kind(self.files)}; give a dict, text by relative path")
        for name, text in self.files.items():
            _check_text("a name in files", name)
            _check_text(f"files[{name!r}]", text)
        if not isinstance(self.limits, Limits):
            raise TypeError(f"limits: {a_kind(self.limits)}; give Limits(cpu_seconds=1.0, …)")

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for jobs that are the same."""
        return (self.code, self.stdin, tuple(sorted(self.files.items())), self.limits)

    def refused(self, folder: bool) -> str:
        """Why it cannot be run at all; "" for one that can. `folder`: its level gives it one.

        >>> Job("pass", files={"../x": ""}).refused(folder=True)
        "'../x' is no path within the program's folder"
        """
        if self.files and not folder:
            return "there is no folder for its files at this level"
        names = set(map(PurePosixPath, self.files))
        for name in self.files:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\0" in name or not path.name:
                return f"{name!r} is no path within the program's folder"
            if not names.isdisjoint(path.parents):
                return f"{name!r} lies within a file"
        size = sum(len(text.encode("utf-8", "surrogatepass")) for text in self.files.values())
        if size > self.limits.files_mb * 2**20:
            return f"its files have {size} bytes, more than {self.limits.files_mb} MB"
        return ""


def _check_text(what: str, value: object) -> None:
    if not isinstance(value, str):
        cure = "text (a str), such as b'…'.decode()" if isinstance(value, bytes) else "text (a str)"
        raise TypeError(f"{what}: {a_kind(value)}; give {cure}")
