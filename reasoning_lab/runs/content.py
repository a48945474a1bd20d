"""The hash of what a run made, by which a later run knows that it still stands on the same."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

DIGITS = 16


def content_hash(place: Path, files: Iterable[Path] | None = None) -> str:
    """16 hex digits of the SHA-256 over the names and bytes of all files in `place`, or of `files`
    in it.

    A gigabyte takes about a second. Raises OSError where a file cannot be read.
    """
    whole = hashlib.sha256()
    chosen = place.rglob("*") if files is None else files
    for path in sorted(path for path in chosen if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(place).as_posix()}\n{content}\n".encode())
    return whole.hexdigest()[:DIGITS]
