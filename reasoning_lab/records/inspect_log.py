"""`LOG.eval` and `LOG.json`: the logs of inspect, read and never written.

The fields are those of inspect_ai 0.3.285 (`inspect_ai/log/_log.py`, log version 2). A `.json` is
one object; a `.eval` is a zip file with `samples/ID_epoch_N.json` in it, packed by Zstandard, which
Python's `zipfile` does not know before 3.14, so that pyarrow unpacks it.
"""

import json
import math
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answered import Answered, Reply

KEYS = frozenset(("version", "status", "eval"))
"""By these an object is known for a log of inspect."""
_ZSTANDARD = 93
_HEADER = struct.Struct("<26x2H")  # of a file in a zip: the lengths of its name and of its extra
_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_CUT = {"max_tokens": True, "model_length": True, "unknown": None}
CONVERT = "inspect log convert FILE --to json --resolve-attachments --output-dir FOLDER"

Sample = Mapping[str, Any]


def read_inspect(path: Path) -> list[Answered]:
    """The samples in the log's order, their epochs together, a way for each scorer.

    `SCORER/KEY` is the way of a score with several values. A score that is no share, and a sample
    that ended in an error, is not judged. Raises ArtifactError for what is no log of inspect, or
    holds no samples, or one of another form.
    """
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    samples = list(_zipped(path) if zipped else _plain(path))
    if not samples:
        cure = "run inspect with log_samples, or name another log"
        raise ArtifactError.one(str(path), "is a log of inspect without samples", cure)
    try:
        return _problems(path, samples)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        what = f"is not a log as inspect_ai 0.3.285 writes it ({type(error).__name__}: {error})"
        raise ArtifactError.one(str(path), what, f"try {CONVERT}") from error


def _plain(path: Path) -> Iterator[Sample]:
    log = json.loads(path.read_bytes())
    yield from log.get("samples") or ()


def _zipped(path: Path) -> Iterator[Sample]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {one.filename: one for one in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise ArtifactError.one(str(path), f"is damaged: {error}", "copy it again") from error
    if not entries.keys() & {"header.json", "_journal/start.json"}:
        what = f"is a zip file, but no log of inspect: it holds {', '.join([*entries][:3])}"
        raise ArtifactError.one(str(path), what, "name the .eval that inspect wrote")
    inside = [name for name in entries if name.startswith("samples/")]
    if any(name.count("/") > 1 for name in inside):
        what = "holds samples in pieces, which are not read here"
        raise ArtifactError.one(str(path), what, f"use {CONVERT}")
    for name in inside:
        yield json.loads(_unpacked(path, entries[name]))


def _unpacked(path: Path, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type != _ZSTANDARD:
        with zipfile.ZipFile(path) as archive:
            return archive.read(entry)
    # A tenth of a second to import; most comparisons do without.
    import pyarrow

    with path.open("rb") as file:
        file.seek(entry.header_offset)
        name, extra = _HEADER.unpack(file.read(_HEADER.size))
        file.seek(name + extra, 1)
        packed = file.read(entry.compress_size)
    try:
        with pyarrow.input_stream(pyarrow.py_buffer(packed), compression="zstd") as stream:
            return bytes(stream.read(entry.file_size))
    except OSError as error:
        what = f"{entry.filename} in it is damaged: {error}"
        raise ArtifactError.one(str(path), what, "copy it again") from error


def _problems(path: Path, samples: Sequence[Sample]) -> list[Answered]:
    scorers = list(dict.fromkeys(way for one in samples for way in _scores(one)))
    by_id: dict[str, list[Sample]] = {}
    for one in sorted(samples, key=lambda one: int(one["epoch"])):
        by_id.setdefault(str(one["id"]), []).append(one)
    found = []
    for name in dict.fromkeys(str(one["id"]) for one in samples):
        epochs = by_id[name]
        ways = {way: [_reply(one, _scores(one).get(way)) for one in epochs] for way in scorers}
        target = epochs[0]["target"]
        gold = target if isinstance(target, str) else " | ".join(map(str, target))
        asked = _resolved(epochs[0], _asked(epochs[0]["input"]))
        found.append(Answered(f"{path}:{name}", name, asked, gold, ways))
    return found


def _scores(one: Sample) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for scorer, score in (one.get("scores") or {}).items():
        value = score["value"]
        if isinstance(value, Mapping):
            found |= {f"{scorer}/{key}": _share(inner) for key, inner in value.items()}
        else:
            found[scorer] = _share(value)
    return found


def _share(value: object) -> float | None:
    """A score's value as inspect's own `value_to_float` takes it; None for what is no share."""
    if isinstance(value, str):
        letter = _LETTERS.get(value, _WORDS.get(value.lower()))
        if letter is not None:
            return letter
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= 1 else None


def _reply(one: Sample, score: float | None) -> Reply:
    output = one.get("output") or {}
    choices = output.get("choices") or []
    text = output.get("completion") or (_content(choices[0]["message"]) if choices else "")
    reason = choices[0].get("stop_reason", "unknown") if choices else "unknown"
    limited = (one.get("limit") or {}).get("type") in ("token", "context")
    usage = output.get("usage") or {}
    tokens = usage.get("output_tokens")
    return Reply(
        text=_resolved(one, text),
        score=None if one.get("error") else score,
        tokens=None if tokens is None else int(tokens),
        cut_off=True if limited else _CUT.get(reason, False),
    )


def _asked(given: str | Sequence[Mapping[str, Any]]) -> str:
    """The last turn of the user, or the input as it is."""
    if isinstance(given, str):
        return given
    turns = [turn for turn in given if turn.get("role") == "user"] or list(given)
    return _content(turns[-1]) if turns else ""


def _content(message: Mapping[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content if part.get("type") == "text")


def _resolved(one: Sample, text: str) -> str:
    """The text itself where the log holds a long one apart from the message."""
    name = text.removeprefix("attachment://")
    return text if name == text else str((one.get("attachments") or {})[name])
