"""Files of one JSON object a line, read back as they may lie there after a kill.

A run may be killed while it writes a line, so a last line without its end is passed over; any
other line that is not an object is an error.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError

Line = tuple[str, bytes, dict[str, Any]]
"""Where it stands (`file:number`), the line as it is written, and what it says."""


def json_lines(file: Path, newest: int | None = None) -> Iterator[Line]:
    """The whole lines of one file, plain or `.gz`; none if it is missing.

    With `newest` only those that begin in the last `newest` bytes (of a plain file).

    Raises ArtifactError for a line that is not a JSON object, and for a damaged `.gz`.
    """
    if not file.is_file():
        return
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as opened:
        number = 0 if newest is None else _skip(opened, newest)
        while (raw := _next(file, opened)).endswith(b"\n"):
            number += 1
            if raw.strip():
                yield f"{file}:{number}", raw, json_object(f"{file}:{number}", raw)


def _skip(opened: BufferedIOBase, newest: int) -> int:
    """Go to the first line that begins in the last `newest` bytes; how many lines stand before."""
    before = os.fstat(opened.fileno()).st_size - newest
    if before <= 0:
        return 0
    number = opened.read(before - 1).count(b"\n")  # a line may begin exactly there
    opened.readline()
    return number + 1


def _next(file: Path, opened: BufferedIOBase) -> bytes:
    try:
        return opened.readline()
    except (OSError, EOFError, zlib.error) as error:
        cure = "remove it; the other parts can be read"
        raise ArtifactError.one(str(file), f"is damaged: {error}", cure) from error


def json_object(where: str, raw: bytes) -> dict[str, Any]:
    """The JSON object of one line. Raises ArtifactError, which names `where`, for anything else."""
    try:
        row = json.loads(raw)
    except ValueError as error:
        raise ArtifactError.one(where, f"is not JSON: {error}", "delete the line") from error
    if not isinstance(row, dict):
        raise ArtifactError.one(where, "is not a JSON object", "delete the line")
    return row
