"""Saved outputs of any model: one JSON object a line, each good or broken with its reason.

A line needs the model's text and the gold answer, which may be absent where the line has tests:
they judge a program, and its task is `code` where it names none. `schema.tool.Columns` names the
fields. Blank lines, a byte order mark and Windows line ends are passed over. Nothing is guessed: a
field of another kind breaks its line.
"""

import codecs
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from reasoning_lab.data.readers import RowError
from reasoning_lab.schema.stages.score import Columns
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.example import Example, Message

LONGEST = 2**26
"""Bytes of the longest line that is read, 64 MiB; what is longer is passed over in pieces."""

Needs = Literal["answer", "tests", "completion"]
"""What a line cannot do without, besides the model's text: a gold answer (or tests), tests, or
nothing else."""

_PIECE = 2**20
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be scored.

    `text` is its JSON as it stands in the file, `fields` the same as a mapping; `written` is what
    the model wrote, text or assistant turns; `tokens` is how long it is, None where the line does
    not say; the example's id is `line N`.
    """

    number: int
    text: str
    fields: dict[str, Any]
    written: str | list[dict[str, Any]]
    tokens: int | None
    example: Example


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that cannot be scored, counted from 1, and why."""

    number: int
    reason: str


def read(file: BinaryIO, columns: Columns, needs: Needs = "answer") -> Iterator[Line | Broken]:
    """The lines of a file in their order, blank ones left out; one line is held at a time."""
    for number, raw in enumerate(_raw_lines(file), start=1):
        if raw is None:
            yield Broken(number, f"longer than {LONGEST >> 20} MiB")
            continue
        body = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if not body.strip():
            continue
        try:
            yield _line(number, body, columns, needs)
        except RowError as error:
            cure = f" ({error.cure})" if error.cure else ""
            yield Broken(number, f"{error.what}{cure}")


def _raw_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line, or None for one too long to be held."""
    while raw := file.readline(LONGEST + 1):
        if len(raw) <= LONGEST or raw.endswith(b"\n"):
            yield raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(_PIECE)
        yield None


def _line(number: int, raw: bytes, columns: Columns, needs: Needs) -> Line:
    text, fields = _parsed(raw)
    written = _written(fields, columns.completion)
    tests = _tests(fields, columns.tests, optional=needs != "tests")
    is_code = bool(tests) or needs != "answer"
    example = Example(
        id=f"line {number}",
        prompt=_prompt(fields, columns.prompt),
        answer=_answer(fields, columns.answer, optional=is_code),
        task=_task(fields, columns.task, "code" if is_code else "math"),
        tests=tests,
    )
    return Line(number, text, fields, written, _tokens(fields, columns.tokens), example)


def _parsed(raw: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = raw.decode("utf-8").strip(_SPACE)
        fields = json.loads(text)
    except UnicodeDecodeError as error:
        raise RowError(f"not UTF-8: {error.reason}", f"at byte {error.start + 1}") from None
    except (ValueError, RecursionError) as error:
        # Besides malformed text: an integer of more than 4,300 digits, a thousand open brackets.
        raise RowError(f"not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise RowError(f"not a JSON object, but {_kind(fields)}")
    return text, fields


def _field(fields: Mapping[str, Any], name: str) -> Any:
    if name not in fields:
        near = did_you_mean(name, list(fields)) if fields else "it has none at all"
        raise RowError(f"no field `{name}`", near)
    return fields[name]


def _written(fields: Mapping[str, Any], name: str) -> str | list[dict[str, Any]]:
    """Text, or the assistant's turns as chat templates take them."""
    value = _field(fields, name)
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not value:
        raise RowError(f"field `{name}` holds {_kind(value)}, not text or a list of chat turns")
    for turn in value:
        if not isinstance(turn, dict) or turn.get("role") != "assistant":
            said = f"a turn of {turn.get('role')!r}" if isinstance(turn, dict) else _kind(turn)
            raise RowError(f"field `{name}` holds {said}", "give the assistant's turns alone")
        if not all(isinstance(turn.get(k) or "", str) for k in ("content", "reasoning_content")):
            raise RowError(f"field `{name}` holds a turn whose content is not text")
    return value


def _answer(fields: Mapping[str, Any], name: str, *, optional: bool) -> str:
    if optional and fields.get(name) is None:
        return ""
    value = _field(fields, name)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        value = str(value)
    if not isinstance(value, str):
        raise RowError(f"field `{name}` holds {_kind(value)}, not text or a number")
    if not value.strip():
        raise RowError(f"field `{name}` is empty")
    return value


def _task(fields: Mapping[str, Any], name: str, default: str) -> str:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or not value.strip():
        raise RowError(f"field `{name}` holds {_kind(value)}, not the name of a kind of problem")
    return value


def _tests(fields: Mapping[str, Any], name: str, *, optional: bool) -> tuple[dict[str, Any], ...]:
    if optional and fields.get(name) is None:
        return ()
    value = _field(fields, name)
    if value == [] and not optional:
        raise RowError(f"field `{name}` is empty")
    if not isinstance(value, list) or not all(isinstance(test, dict) for test in value):
        raise RowError(f"field `{name}` holds {_kind(value)}, not a list of objects")
    return tuple(value)


def _prompt(fields: Mapping[str, Any], name: str) -> tuple[Message, ...]:
    value = fields.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return ({"role": "user", "content": value},)
    turns = value if isinstance(value, list) else [None]
    found: list[Message] = []
    for turn in turns:
        role, content = (
            (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (None, None)
        )
        if not isinstance(role, str) or not isinstance(content, str):
            raise RowError(f"field `{name}` holds {_kind(value)}, not text or chat turns of text")
        found.append({"role": role, "content": content})
    return tuple(found)


def _tokens(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RowError(f"field `{name}` holds {_kind(value)}, not a count of tokens")
    return value


def _kind(value: object) -> str:
    """What JSON calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    if isinstance(value, str) and not value.strip():
        return "empty text"
    return next(said for kind, said in kinds.items() if isinstance(value, kind))
