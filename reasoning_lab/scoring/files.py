"""The file that is scored and the one that is written, packed or not."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from rich.console import Console
from rich.progress import Progress

from reasoning_lab.errors import DataError
from reasoning_lab.report.run.live import Reading

_TORN = (EOFError, zlib.error, gzip.BadGzipFile)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, Reading]]:
    """The file, unpacked, with a bar on the terminal that says how far it has been read; where
    there is no terminal that is for `Reading` to say.

    Raises DataError if it cannot be read to its end.
    """
    console = Console(stderr=True)
    try:
        with (
            path.open("rb") as file,
            Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ):
            task = progress.add_task("scoring", total=path.stat().st_size)
            told = io.BufferedReader(cast(io.RawIOBase, progress.wrap_file(file, task_id=task)))
            reading = Reading(path.stat().st_size, file.tell, console)
            yield cast(BinaryIO, gzip.GzipFile(fileobj=told)) if is_gzip(path) else told, reading
    except _TORN as error:
        what = f"cannot be unpacked: {error}"
        raise DataError.one(str(path), what, "it is not a whole gzip file") from error


@contextmanager
def packed(file: BinaryIO, out: Path) -> Iterator[BinaryIO]:
    """Where lines are written: into gzip if the name says so, dated 0 to be the same each time."""
    if not is_gzip(out):
        yield file
        return
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as zipped:
        yield cast(BinaryIO, zipped)


def is_gzip(path: Path) -> bool:
    """Whether a file is packed, by its name."""
    return path.suffix == ".gz"
