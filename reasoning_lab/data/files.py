"""Rows of a local file, each with the place it stands at: jsonl, a JSON array, csv, tsv, parquet.

`.gz` behind the name of a text file is unpacked. A byte order mark, Windows line ends and blank
lines are passed over. A row that cannot be read comes as a `Problem`, so that one run names all
of them; what makes the whole file unreadable is raised.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reasoning_lab.errors import DataError, Problem
from reasoning_lab.schema.suggest import did_you_mean

Row = tuple[str, dict[str, Any] | Problem]  # ("folder/train.jsonl:17", {"question": …})

_LONGEST_CELL = 2**26  # characters of one csv cell; Python's own limit is 2**17
_ROWS_AT_ONCE = 1024
_UNICODE = "save the file as UTF-8"


def split_file(path: Path, split: str, key: str) -> Path:
    """The file of one split: `path` if that is a file, else `path/<split>` with a known ending.

    `key` is the configuration key that names the split. Raises DataError if there is no file.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise DataError.one("data.path", f"no such file or folder: {path}", "check the path")
    for ending in ENDINGS:
        if (file := path / f"{split}{ending}").is_file():
            return file
    known = {name for found in path.iterdir() if (name := _split_of(found))}
    none = f"the folder holds no {', '.join(_READERS)} file at all"
    cure = did_you_mean(split, known) if known else none
    raise DataError.one(f"data.{key}", f"no file {path / split}.jsonl", cure)


def read(file: Path) -> Iterator[Row]:
    """The rows of a file by its ending, with `file:line` as their place (of a JSON array and of
    parquet the number of the row); a row that is none is a Problem.

    Raises DataError for an unknown ending, and for a file that cannot be opened or unpacked or is
    not of its kind as a whole.
    """
    kind = file.name.removesuffix(".gz")
    reader = next((made for ending, made in _READERS.items() if kind.endswith(ending)), None)
    if reader is None:
        cure = f"it reads {', '.join(_READERS)}, and .gz of the text ones"
        raise DataError.one("data.path", f"no known kind of file: {file.name}", cure)
    try:
        yield from reader(file)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError.one(str(file), f"cannot be unpacked: {error}") from error
    except OSError as error:
        raise DataError.one(str(file), f"cannot be read: {error.strerror or error}") from error


def _split_of(file: Path) -> str:
    """`train` of `train.jsonl.gz`; "" for what is no file of rows."""
    ending = next((one for one in ENDINGS if file.name.endswith(one)), "")
    return file.name[: -len(ending)] if ending else ""


@contextmanager
def _text(file: Path) -> Iterator["io.BufferedReader[Any]"]:
    """The bytes of a text file, unpacked and without a byte order mark."""
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as raw:
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # gzip
        if buffered.peek(3)[:3] == b"\xef\xbb\xbf":
            buffered.read(3)
        yield buffered


def _json_lines(file: Path) -> Iterator[Row]:
    with _text(file) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                where = f"{file}:{number}"
                yield where, _object(line, where, "one JSON object a line")


def _json(file: Path) -> Iterator[Row]:
    """A JSON array of objects; a file that begins with an object is read line by line."""
    with _text(file) as whole:
        start = whole.peek(4096).lstrip()[:1]
        text = whole.read() if start == b"[" else b""
    if start != b"[":
        yield from _json_lines(file)
        return
    try:
        items = json.loads(text)
    except UnicodeDecodeError as error:
        raise DataError.one(str(file), f"not UTF-8: {error.reason}", _UNICODE) from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError.one(str(file), f"not JSON: {error}") from None
    for number, item in enumerate(items, start=1):
        where = f"{file}:row {number}"
        yield where, _kept(item, where, "an array of JSON objects")


def _object(line: bytes, where: str, wanted: str) -> dict[str, Any] | Problem:
    try:
        return _kept(json.loads(line.decode("utf-8")), where, wanted)
    except UnicodeDecodeError as error:
        return Problem(where, f"not UTF-8: {error.reason}", _UNICODE)
    except (ValueError, RecursionError) as error:
        # Besides malformed text: an integer of more than 4,300 digits, a thousand open brackets.
        return Problem(where, f"not JSON: {error}", wanted)


def _kept(row: Any, where: str, wanted: str) -> dict[str, Any] | Problem:
    return row if isinstance(row, dict) else Problem(where, f"a JSON {type(row).__name__}", wanted)


def _csv(file: Path) -> Iterator[Row]:
    """Cells are text; an empty one is None, as if the row did not have it. A file whose first line
    has semicolons and no comma is separated by them, as many a spreadsheet writes it.
    """
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        with _text(file) as raw:
            first = raw.peek(4096).partition(b"\n")[0]
            tabs = file.name.removesuffix(".gz").endswith(".tsv")
            delimiter = "\t" if tabs else ";" if b";" in first and b"," not in first else ","
            lines = io.TextIOWrapper(raw, "utf-8", newline="")
            rows = csv.DictReader(lines, delimiter=delimiter, strict=True)
            for row in rows:
                where = f"{file}:{rows.line_num}"
                if None in row or None in row.values():
                    what = f"{'more' if None in row else 'fewer'} cells than the first line names"
                    yield where, Problem(where, what, "quote cells that hold the delimiter")
                else:
                    yield where, {name: cell or None for name, cell in row.items()}
    except csv.Error as error:
        cure = "close each quoted cell, and write a quote inside one twice"
        raise DataError.one(f"{file}:{rows.line_num}", f"not csv: {error}", cure) from None
    except UnicodeDecodeError as error:
        raise DataError.one(str(file), f"not UTF-8: {error.reason}", _UNICODE) from None
    finally:
        csv.field_size_limit(before)


def _parquet(file: Path) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(file) as table:
            number = 0
            for batch in table.iter_batches(_ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{file}:row {number}", row
    except pyarrow.ArrowException as error:
        raise DataError.one(str(file), f"no parquet file: {error}") from None


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
}
ENDINGS = tuple(
    f"{ending}{packed}"
    for ending in _READERS
    for packed in ("", ".gz")
    if (ending, packed) != (".parquet", ".gz")
)
