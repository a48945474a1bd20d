"""Rows of a local jsonl file, packed with gzip or not, each with the place it stands at."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasoning_lab.errors import DataError
from reasoning_lab.schema.suggest import did_you_mean

Row = tuple[str, dict[str, Any]]  # ("folder/train.jsonl:17", {"question": …})


def split_file(path: Path, split: str, key: str) -> Path:
    """The file of one split: `path` if that is a file, else `path/<split>.jsonl` or `.jsonl.gz`.

    `key` is the configuration key that names the split. Raises DataError if there is no file.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise DataError.one("data.path", f"no such file or folder: {path}", "check the path")
    file = path / f"{split}.jsonl"
    packed = path / f"{split}.jsonl.gz"
    if not file.is_file() and not packed.is_file():
        known = [found.name.partition(".jsonl")[0] for found in path.glob("*.jsonl*")]
        cure = did_you_mean(split, known) if known else "the folder holds no .jsonl file at all"
        raise DataError.one(f"data.{key}", f"no file {file}", cure)
    return file if file.is_file() else packed


def read(file: Path) -> Iterator[Row]:
    """The rows of a jsonl file (`.gz`: packed), blank lines passed over.

    Raises DataError with file and line number for a line that is not a JSON object in UTF-8.
    """
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{file}:{number}", _row(line, f"{file}:{number}")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError.one(str(file), f"cannot be unpacked: {error}") from error
    except OSError as error:
        raise DataError.one(str(file), f"cannot be read: {error.strerror}") from error


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError.one(where, f"not UTF-8: {error.reason}", "save the file as UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError.one(where, f"not JSON: {error}", "one JSON object a line") from None
    if not isinstance(row, dict):
        raise DataError.one(where, f"a JSON {type(row).__name__}", "one JSON object a line")
    return row
