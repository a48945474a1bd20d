"""Inside: a program's own standard streams, as it would find them outside.

A keeper's streams are no pipes, and those of its programs are: what Python has learned of the one
must not be told of the other. And where a program may open none of the paths that lead to its own
streams (there is no /proc), Python's functions give it the descriptor that it has already. Nothing
else can be reached so; code that opens files past Python finds these paths closed.
"""

import abc
import builtins
import contextlib
import functools
import gc
import io
import os
import sys
from _io import FileIO as _FileIO
from _io import _IOBase as _Stream
from collections.abc import Callable
from typing import Any, TextIO

NAMES = ("stdin", "stdout", "stderr")
FOLDERS = ("/dev/fd", "/proc/self/fd")
PATHS = {
    path: number
    for number, name in enumerate(NAMES)
    for path in (f"/dev/{name}", *(f"{folder}/{number}" for folder in FOLDERS))
}
"""The descriptor that each path leads to."""
_open, _os_open = io.open, os.open


def adopt() -> None:
    """Give a keeper the streams that suit its programs; what it writes goes where it went.

    Before modules are imported that take `open` or `os.open` over.
    """
    for number, name in enumerate(NAMES):
        renewed = _as_pipe(number, getattr(sys, name))
        setattr(sys, name, renewed)
        setattr(sys, f"__{name}__", renewed)
    opening = _like(functools.partial(_open, opener=_opened), _open)
    vars(builtins)["open"] = vars(io)["open"] = opening
    vars(io)["FileIO"] = FileIO
    vars(os)["open"] = _like(functools.partial(_descriptor), _os_open)
    os.supports_dir_fd.add(os.open)  # else `shutil` takes it for one that does not


def _as_pipe(number: int, old: TextIO) -> TextIO:
    """A stream as the interpreter makes it where that descriptor is a pipe."""
    reading, writing = os.pipe()
    kept = os.dup(number)
    try:
        os.dup2(writing if number else reading, number)
        buffer: Any = _open(number, "wb" if number else "rb", closefd=False)
        buffer.raw.name = f"<{NAMES[number]}>"
        found = io.TextIOWrapper(
            buffer,
            encoding=old.encoding,
            errors=old.errors,
            newline="\n",
            line_buffering=bool(old.line_buffering),
        )
        vars(found)["mode"] = "w" if number else "r"
    finally:
        os.dup2(kept, number)
        for each in (kept, reading, writing):
            os.close(each)
    return found


def _like(made: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
    """A callable that, as a builtin and unlike a function, does not become a method of a class."""
    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(made, name, getattr(real, name))
    return made


def _own(path: Any) -> int | None:
    """The descriptor of the program's own that a path leads to."""
    return PATHS.get(os.fsdecode(path)) if isinstance(path, (str, bytes, os.PathLike)) else None


def _opened(path: Any, flags: int) -> int:
    number = _own(path)
    return _os_open(path, flags, 0o666) if number is None else os.dup(number)


def _descriptor(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
    number = _own(path)
    return _os_open(path, flags, mode, dir_fd=dir_fd) if number is None else os.dup(number)


class FileIO(_FileIO, metaclass=abc.ABCMeta):
    """Python's own, of which every one that `open` makes counts as an instance."""

    def __init__(
        self, file: Any, mode: str = "r", closefd: bool = True, opener: Any = None
    ) -> None:
        super().__init__(file, mode, closefd, opener or _opened)

    @classmethod
    def __subclasshook__(cls, other: type) -> bool:
        return issubclass(other, _FileIO) if cls is FileIO else NotImplemented


def flush_others(code: str) -> None:
    """Write what the files still hold that a program, `code`, did not close; the oldest first.

    An interpreter does so at its end, when it frees them.
    """
    # One that has no such word made no file, and is spared the copies of pages that a look costs.
    if not ("open" in code or "IO" in code or "Buffered" in code):
        return
    for generation in (2, 1, 0):  # without what the keeper has frozen
        for one in gc.get_objects(generation):
            if issubclass(type(one), _Stream):  # `isinstance` may call the program
                with contextlib.suppress(BaseException):  # an interpreter goes on, too
                    one.flush()


def hide_us(trace: Any) -> None:
    """Take the lines of this file out of a traceback."""
    while trace is not None and trace.tb_next is not None:
        if trace.tb_next.tb_frame.f_code.co_filename == _opened.__code__.co_filename:
            trace.tb_next = trace.tb_next.tb_next
        else:
            trace = trace.tb_next
