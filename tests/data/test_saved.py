"""Reading saved outputs: what a line may be, and what is said of one that is broken."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.data.saved import LONGEST, Broken, Line, read
from reasoning_lab.schema.stages.score import Columns

NAMES = ("completion", "answer", "task", "tests", "prompt", "tokens")
COLUMNS = Columns(**{name: name for name in NAMES})


def lines(content: bytes | str, columns: Columns = COLUMNS) -> list[Line | Broken]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read(io.BytesIO(raw), columns))


def one(fields: dict[str, Any]) -> Line | Broken:
    (line,) = lines(json.dumps(fields) + "\n")
    return line


GOOD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"completion": "x", "answer": "4"}, {"written": "x", "answer": "4", "task": "math"}),
    ({"completion": "", "answer": "4"}, {"written": ""}),
    ({"completion": "x", "answer": 4}, {"answer": "4"}),
    ({"completion": "x", "answer": -0.5}, {"answer": "-0.5"}),
    ({"completion": "x", "answer": "4", "task": None, "tests": None}, {"task": "math"}),
    ({"completion": "x", "answer": "4", "task": "logic"}, {"task": "logic"}),
    ({"completion": "x", "answer": "4", "tokens": 0}, {"tokens": 0}),
    ({"completion": "x", "answer": "4", "tokens": None}, {"tokens": None}),
    (
        {"completion": "x", "tests": [{"input": "1"}], "task": "code"},
        {"answer": "", "tests": ({"input": "1"},)},
    ),
    (
        {"completion": "x", "answer": "4", "prompt": "2 + 2?"},
        {"prompt": ({"role": "user", "content": "2 + 2?"},)},
    ),
    (
        {"completion": "x", "answer": "4", "prompt": [{"role": "user", "content": "?", "id": 3}]},
        {"prompt": ({"role": "user", "content": "?"},)},
    ),
    (
        {"completion": [{"role": "assistant", "content": "x"}], "answer": "4"},
        {"written": [{"role": "assistant", "content": "x"}]},
    ),
]


@pytest.mark.parametrize(("fields", "found"), GOOD)
def test_a_good_line(fields: dict[str, Any], found: dict[str, Any]) -> None:
    line = one(fields)
    assert isinstance(line, Line)
    said = {
        name: getattr(line if name in ("written", "tokens") else line.example, name)
        for name in found
    }
    assert said == found
    assert line.fields == fields
    assert json.loads(line.text) == fields


BROKEN: list[tuple[bytes, str]] = [
    (b"not json", "not JSON"),
    (b"{", "not JSON"),
    (b'{"completion": "x" "answer": 1}', "not JSON"),
    (b'"text"', "not a JSON object, but text"),
    (b"[1]", "not a JSON object, but a list"),
    (b"null", "not a JSON object"),
    (b"17", "not a JSON object"),
    (b"{}", "no field `completion` (it has none at all)"),
    (b'{"compltion": "x", "answer": "4"}', "did you mean compltion?"),
    (b'{"completion": "x"}', "no field `answer`"),
    (b'{"completion": "x", "tests": []}', "no field `answer`"),
    (b'{"completion": 3, "answer": "4"}', "`completion` holds a number"),
    (b'{"completion": null, "answer": "4"}', "`completion` holds null"),
    (b'{"completion": [], "answer": "4"}', "`completion` holds a list"),
    (b'{"completion": ["x"], "answer": "4"}', "`completion` holds text"),
    (b'{"completion": [{"role": "user", "content": "4"}], "answer": "4"}', "a turn of 'user'"),
    (b'{"completion": [{"role": "assistant", "content": [4]}], "answer": "4"}', "is not text"),
    (b'{"completion": "x", "answer": " "}', "`answer` is empty"),
    (b'{"completion": "x", "answer": true}', "`answer` holds true or false"),
    (b'{"completion": "x", "answer": null}', "`answer` holds null"),
    (b'{"completion": "x", "answer": NaN}', "`answer` holds nan"),
    (b'{"completion": "x", "answer": ["4"]}', "`answer` holds a list"),
    (b'{"completion": "x", "answer": "4", "task": 3}', "`task` holds a number"),
    (b'{"completion": "x", "answer": "4", "task": ""}', "`task` holds empty text"),
    (b'{"completion": "x", "answer": "4", "tests": "assert"}', "`tests` holds text"),
    (b'{"completion": "x", "answer": "4", "tests": [1]}', "`tests` holds a list"),
    (b'{"completion": "x", "answer": "4", "prompt": 3}', "`prompt` holds a number"),
    (b'{"completion": "x", "answer": "4", "prompt": [{"role": "user"}]}', "`prompt` holds a list"),
    (b'{"completion": "x", "answer": "4", "tokens": -1}', "`tokens` holds a number"),
    (b'{"completion": "x", "answer": "4", "tokens": 1.5}', "`tokens` holds a number"),
    (b'{"completion": "x", "answer": "4", "tokens": true}', "`tokens` holds true or false"),
    (b'{"completion": "\xff", "answer": "4"}', "not UTF-8: invalid start byte (at byte 17)"),
    (b'{"completion": "a\x00b", "answer": "4"}', "not JSON"),
    (b'{"completion": "x", "answer": ' + b"9" * 5000 + b"}", "not JSON"),
    (b"[" * 100_000, "not JSON"),
]


@pytest.mark.parametrize(("raw", "said"), BROKEN, ids=[repr(raw[:60]) for raw, _ in BROKEN])
def test_a_broken_line_is_told_with_its_number(raw: bytes, said: str) -> None:
    good = b'{"completion": "x", "answer": "4"}\n'
    before, broken, after = lines(good + raw + b"\n" + good)
    assert isinstance(before, Line)
    assert isinstance(after, Line)
    assert isinstance(broken, Broken)
    assert broken.number == 2
    assert said in broken.reason
    assert len(broken.reason) < 300


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        ("", []),
        ("\n \n\t\r\n", []),
        ('{"completion": "x", "answer": "4"}', [1]),
        (
            '\n\n{"completion": "x", "answer": "4"}\r\n\r\n{"completion": "y", "answer": "4"}',
            [3, 5],
        ),
        ('\ufeff{"completion": "x", "answer": "4"}\n', [1]),
        ('\ufeff\n  {"completion": "x", "answer": "4"}  \n', [2]),
        ('{"completion": "a\u2028b\x85c", "answer": "4"}\n', [1]),
    ],
)
def test_line_ends_and_blank_lines(content: str, numbers: list[int]) -> None:
    found = lines(content)
    assert [line.number for line in found] == numbers
    assert all(isinstance(line, Line) for line in found)


def test_other_names() -> None:
    columns = COLUMNS.model_copy(update={"completion": "output", "answer": "gold"})
    (line,) = lines('{"output": "x", "gold": "4", "answer": 7}\n', columns)
    assert isinstance(line, Line)
    assert (line.written, line.example.answer) == ("x", "4")


# Too long by one byte, by a piece of those in which the rest is passed over, and by several.
@pytest.mark.parametrize("length", [LONGEST + 1, LONGEST + 2**20, LONGEST + 2**22 + 7])
def test_a_line_too_long_to_hold_is_passed_over(length: int) -> None:
    good = b'{"completion": "x", "answer": "4"}\n'
    before, broken, after = lines(good + b"x" * length + b"\n" + good)
    assert isinstance(before, Line)
    assert broken == Broken(2, "longer than 64 MiB")
    assert isinstance(after, Line)
    assert after.number == 3


def test_the_longest_line_is_read() -> None:
    frame = b'{"completion": "%s", "answer": "4"}'
    (line,) = lines(frame % (b"x" * (LONGEST - len(frame % b""))))
    assert isinstance(line, Line)


@given(st.binary(max_size=200))
def test_any_bytes_give_lines_or_reasons(content: bytes) -> None:
    found = lines(content)
    assert len(found) <= content.count(b"\n") + 1
    assert all(isinstance(line, Line) or line.reason for line in found)
