"""Files that are either the old one or the new one, never half of either."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


def write_text(path: Path, text: str) -> None:
    """Replace `path` by a file that holds `text` (UTF-8), durably.

    When anything fails (a full disk, a kill) the earlier file stays as it was. Raises OSError.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """`write_text` of bytes."""
    with taking_name(path) as file:
        file.write(content)


@contextmanager
def taking_name(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the name `path` when the block ends well, and is removed when not."""
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(6)}")
    # With the modes of any new file, which tempfile would narrow to the owner's.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """`write_text` of `value` as indented JSON with a final newline."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sync_folder(folder: Path) -> None:
    """Make renames within `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
