"""What was sampled, on disk as it comes: nothing stored is lost, or ever sampled twice.

The first line says what the results are of (params, engine, model); each further line is one
completion. A line is handed to the kernel in one write, so a kill at any moment loses at most the
line that was being written: its torn rest is cut off when the store is opened again. The disk is
told to keep all of it (`fsync`) every `SYNC_SECONDS` and at the end, so a power cut may lose that
much. `finish` puts the lines in the order of their keys, in one step: an invariant engine then
leaves the same bytes whether it was interrupted or not.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, Literal, Self, cast

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import sync_folder, taking_name
from reasoning_lab.records.lines import json_object
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key, Request, Sampled
from reasoning_lab.text.example import Completion, Message

SYNC_SECONDS = 5.0
_VERSION = 1
_ANEW = "choose another file, or remove this one to sample anew"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line stands in the file, in bytes, and which prompt it answers."""

    offset: int
    length: int
    prompt: str


class Store:
    """The results of one stream in one file, open for more. Used as a context manager.

    Raises ArtifactError where the file holds results of other params, another engine or another
    model, where a line is damaged, and where another process has it open.
    """

    def __init__(self, path: Path, engine: Engine, params: Params) -> None:
        self.path = path
        self._places: dict[Key, _Place] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _only_ours(path)
        try:
            self._begin(_header(engine, params))
        except BaseException:
            self._file.close()
            raise
        self._synced = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._places)

    def holds(self, request: Request) -> bool:
        """Whether the completion of `request` is stored. Raises ArtifactError where the key is, but
        with another prompt."""
        place = self._places.get(request.key)
        if place is not None and place.prompt != prompt_hash(request.prompt):
            what = f"holds {request.key.label} of another prompt"
            raise ArtifactError.one(str(self.path), what, _ANEW)
        return place is not None

    def read(self, key: Key) -> Sampled:
        """What is stored under `key`. Raises KeyError where nothing is."""
        place = self._places[key]
        self._file.seek(place.offset)
        return _sampled(json.loads(self._file.read(place.length)))

    def add(self, request: Request, sampled: Sampled) -> None:
        """Store what was sampled for `request`. Raises ValueError where it is stored already, and
        OSError where the disk does not take it."""
        if sampled.key in self._places:
            raise ValueError(f"{sampled.key.label} is stored already")
        self._append(_row(sampled, prompt_hash(request.prompt)))
        if monotonic() - self._synced > SYNC_SECONDS:
            self._sync()

    def finish(self) -> None:
        """Put the lines in the order of their keys, in one step, and close the store.

        Killed before or after, the file holds the same results.
        """
        ordered = sorted(self._places.items())
        with taking_name(self.path) as file:
            with self.path.open("rb") as lines:
                file.write(lines.readline())
            for _, place in ordered:
                self._file.seek(place.offset)
                file.write(self._file.read(place.length))
        self.close()

    def close(self) -> None:
        """Make what is stored durable, and let others open the file."""
        if not self._file.closed:
            self._sync()
            self._file.close()

    def _begin(self, header: Mapping[str, Any]) -> None:
        """Check what the file holds, cut off a torn last line, write the header of a new file."""
        offset = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.endswith(b"\n"):
                    break
                row = json_object(f"{self.path}:{number}", line)
                if number == 1:
                    self._check(row, header)
                else:
                    self._remember(f"{self.path}:{number}", row, _Place(offset, len(line), ""))
                offset += len(line)
        self._file.truncate(offset)
        self._file.seek(0, os.SEEK_END)
        if offset == 0:
            self._write(_line(header))
            self._sync()
            sync_folder(self.path.parent)

    def _check(self, found: Mapping[str, Any], header: Mapping[str, Any]) -> None:
        differing = [key for key in header if found.get(key) != header[key]]
        if differing:
            words = "; ".join(
                f"{key} is {json.dumps(found.get(key))}, now {json.dumps(header[key])}"
                for key in differing
            )
            raise ArtifactError.one(str(self.path), f"holds other results: {words}", _ANEW)

    def _remember(self, where: str, row: Mapping[str, Any], place: _Place) -> None:
        try:
            key, prompt = _key(row), str(row["prompt"])
            _sampled(row)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            what = f"is not a stored completion ({type(error).__name__}: {error})"
            raise ArtifactError.one(where, what, "delete the line") from error
        if key in self._places:
            raise ArtifactError.one(where, f"{key.label} stands here twice", "delete the line")
        self._places[key] = _Place(place.offset, place.length, prompt)

    def _append(self, row: Mapping[str, Any]) -> None:
        line, offset = _line(row), self._file.seek(0, os.SEEK_END)
        try:
            self._write(line)
        except BaseException:
            with suppress(OSError):
                self._file.truncate(offset)
            raise
        self._places[_key(row)] = _Place(offset, len(line), str(row["prompt"]))

    def _write(self, line: bytes) -> None:
        """One write for the whole line, so that a kill falls before or after it as a rule."""
        left = memoryview(line)
        while left:
            left = left[self._file.write(left) :]

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = monotonic()


def prompt_hash(prompt: Iterable[Message]) -> str:
    """Sixteen hexadecimal digits that stand for the turns of a prompt.

    >>> prompt_hash([{"role": "user", "content": "1 + 1?"}]) == prompt_hash([])
    False
    """
    said = json.dumps([[turn["role"], turn["content"]] for turn in prompt])
    return blake2b(said.encode(), digest_size=8).hexdigest()


def _only_ours(path: Path) -> BinaryIO:
    """The file, made where it is missing, unbuffered and locked against other processes."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        file = cast(BinaryIO, os.fdopen(handle, "r+b", buffering=0))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            what = "is being written by another process"
            raise ArtifactError.one(str(path), what, "wait, or choose another file") from error
        # Another process may just have put a finished file in the place of the one that was opened.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                return file
        file.close()


def _header(engine: Engine, params: Params) -> dict[str, Any]:
    made = {"name": engine.name, "invariant": engine.invariant, "identity": engine.identity}
    return {"store": _VERSION, "engine": made, "params": params.row()}


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _row(sampled: Sampled, prompt: str) -> dict[str, Any]:
    return {
        "problem": sampled.key.problem,
        "sample": sampled.key.sample,
        "prompt": prompt,
        "text": sampled.completion.text,
        "tokens": sampled.completion.tokens,
        "finish": sampled.completion.finish,
        "prompt_tokens": sampled.prompt_tokens,
        "forced": sampled.forced,
        "stopped_by": sampled.stopped_by,
    }


def _key(row: Mapping[str, Any]) -> Key:
    return Key(str(row["problem"]), int(row["sample"]))


def _sampled(row: Mapping[str, Any]) -> Sampled:
    finish = cast(Literal["stop", "length"], row["finish"])
    return Sampled(
        key=_key(row),
        completion=Completion(str(row["text"]), int(row["tokens"]), finish),
        prompt_tokens=row["prompt_tokens"],
        forced=int(row["forced"]),
        stopped_by=row["stopped_by"],
    )
