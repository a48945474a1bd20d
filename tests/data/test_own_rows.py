"""One's own rows: every kind of file, columns by name, answers of every kind, all bad rows told."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from reasoning_lab.data import load
from reasoning_lab.data.own_rows import local
from reasoning_lab.data.readers import RowError
from reasoning_lab.errors import DataError
from reasoning_lab.schema.data import Rows

COLUMNS = {name: name for name in ("question", "answer", "trace", "tests", "task")}
ROWS: list[dict[str, Any]] = [
    {"question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(60)
] + [{"question": 'Say "ü, é"\nand a comma', "answer": "1, 2"}]


def data(path: Path, **changes: Any) -> Rows:
    plain = {"kind": "rows", "name": None, "hub": None, "config": None, "path": str(path),
             "train_split": "train", "heldout_split": "test",
             "reader": "reasoning_lab.data.own_rows:local", "columns": COLUMNS, "task": "math",
             "role": "train", "train_size": None, "heldout_size": None,
             "seed": 0, "too_long": "drop"}  # fmt: skip
    return Rows.model_validate({**plain, **changes})


def json_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def table(rows: list[dict[str, Any]], sign: str = ",") -> str:
    quoted = [
        [f'"{cell}"' for cell in (r["question"].replace('"', '""'), r["answer"])] for r in rows
    ]
    return "\n".join(map(sign.join, [["question", "answer"], *quoted])) + "\n"


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
    return bytes(sink.getvalue())


FILES: dict[str, Callable[[], bytes]] = {
    "rows.jsonl": lambda: json_lines(ROWS).encode(),
    "rows.ndjson": lambda: json_lines(ROWS).encode("utf-8-sig"),
    "rows.jsonl.gz": lambda: packed(json_lines(ROWS)),
    "rows.json": lambda: json.dumps(ROWS, indent=1).encode(),
    "rows.json.gz": lambda: packed(json.dumps(ROWS)),
    "lines.json": lambda: json_lines(ROWS).encode(),
    "bom.json": lambda: json.dumps(ROWS).encode("utf-8-sig"),
    "windows.jsonl": lambda: json_lines(ROWS).replace("\n", "\r\n\r\n").encode("utf-8-sig"),
    "rows.csv": lambda: table(ROWS).encode(),
    "excel.csv": lambda: table(ROWS).replace('"\n"', '"\r\n"').encode("utf-8-sig"),
    "semicolons.csv": lambda: table(ROWS, ";").encode("utf-8-sig"),
    "rows.csv.gz": lambda: packed(table(ROWS)),
    "rows.tsv": lambda: table(ROWS, "\t").encode(),
    "rows.parquet": lambda: parquet(ROWS),
}


@pytest.mark.parametrize("name", FILES)
def test_each_kind_of_file_holds_the_same_rows(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name]())
    chosen = data(tmp_path / name)
    splits = load(chosen)
    found = {(one.prompt[0]["content"], one.answer) for one in [*splits.train, *splits.heldout]}
    assert found == {(row["question"], row["answer"]) for row in ROWS}
    assert chosen.name == name.partition(".")[0]


def test_a_folder_has_a_file_for_each_split(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(table(ROWS))
    (tmp_path / "test.parquet").write_bytes(parquet([{"question": "other?", "answer": "1"}]))
    splits = load(data(tmp_path))
    assert (len(splits.train), [one.answer for one in splits.heldout]) == (len(ROWS), ["1"])


def test_columns_by_their_names(tmp_path: Path) -> None:
    file = tmp_path / "sums.v2.csv"
    file.write_text("prompt,solution,steps\n6 * 7?,42,\n7 * 6?,42,six sevens\n")
    own = {**COLUMNS, "question": "prompt", "answer": "solution", "trace": "steps"}
    splits = load(data(file, columns=own, train_split=None))
    assert [(one.answer, one.trace) for one in splits.heldout] == [
        ("42", None),
        ("42", "six sevens"),
    ]
    assert splits.heldout[0].id.startswith("sums.v2-")


ANSWERS: list[tuple[Any, str]] = [
    (42, "42"),
    (0.5, "0.5"),
    (" x ", "x"),
    (True, "true"),
    ([1, 2], "1, 2"),
    (["a", 0.5], "a, 0.5"),
    ([7], "7"),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_answers_of_every_kind(answer: Any, expected: str) -> None:
    assert local({"question": "?", "answer": answer}, "one").answer == expected


@pytest.mark.parametrize(
    "row",
    [
        {"question": "?", "answer": None},
        {"question": "?", "answer": []},
        {"question": "?", "answer": {"a": 1}},
        {"question": "?", "answer": float("nan")},
        {"question": "?", "answer": [[1], 2]},
        {"question": "?", "answer": " "},
        {"question": None, "answer": "1"},
        {"question": [{"role": "bot", "content": "?"}], "answer": "1"},
        {"question": [{"role": "assistant", "content": "?"}], "answer": "1"},
        {"question": "?", "tests": "[{"},
        {"question": "?", "tests": []},
        {"question": "?", "answer": "1", "trace": 5},
    ],
    ids=repr,
)
def test_what_is_no_row(row: dict[str, Any]) -> None:
    with pytest.raises(RowError):
        local(row, "one")


def test_turns_tests_and_tasks() -> None:
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "6 * 7?"}]
    assert local({"question": turns, "answer": 42}, "one").prompt == tuple(turns)
    tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    for given in (tests, json.dumps(tests)):
        row = local({"question": "Double it.", "tests": given, "answer": None}, "one")
        assert (row.task, row.answer, row.tests) == ("code", "", tuple(tests))
    assert local({"question": "?", "answer": "1", "task": "logic"}, "one").task == "logic"


def test_all_bad_rows_are_told(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    lines = [
        '{"question": "1?", "answer": 1}',
        "{",
        '{"question": "2?"}',
        "[]",
        '{"question": "3?"}',
    ]
    file.write_text("\n".join(lines))
    with pytest.raises(DataError) as caught:
        load(data(file))
    found = caught.value.problems
    assert [one.where.rpartition(":")[2] for one in found] == ["2", "3", "4"]
    assert found[1].what.endswith("1 row more: 5")


WRONG: list[tuple[str, bytes, dict[str, Any], str]] = [
    ("rows.txt", b"x", {}, "data.path"),
    ("rows.csv", b"a,b\n1\n", {}, "rows.csv:2"),
    ("rows.csv", b"a,b\n1,2,3\n", {}, "rows.csv:2"),
    ("rows.csv", b'a,b\n"1,2\n', {}, "rows.csv:"),
    ("rows.csv", b"a,b\n\xff,2\n", {}, "rows.csv"),
    ("rows.json", b"[1, 2]", {}, "rows.json:row 1"),
    ("rows.json", b"[{]", {}, "rows.json"),
    ("rows.parquet", b"PAR1", {}, "rows.parquet"),
    ("rows.jsonl.gz", b"no gzip", {}, "rows.jsonl.gz"),
    ("rows.jsonl", b'{"q": "1?", "answer": 1}', {"columns": {"question": "k"}}, "rows.jsonl:1"),
    ("rows.jsonl", b"", {}, "data.path"),
    ("rows.csv", b"question,answer\n", {}, "data.path"),
    ("rows.jsonl", b'{"question": "1?", "answer": 1}', {}, "data"),
]


@pytest.mark.parametrize(("name", "content", "changes", "where"), WRONG)
def test_a_wrong_file_is_told_by_its_place(
    tmp_path: Path, name: str, content: bytes, changes: dict[str, Any], where: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(data(tmp_path / name, **changes))
    assert where in caught.value.problems[0].where


def test_columns_that_no_row_has_are_told_together(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json_lines([{"frage": f"{n}?", "antwort": n} for n in range(30)]))
    with pytest.raises(DataError) as caught:
        load(data(file))
    (problem,) = caught.value.problems
    assert "all 30 rows" in problem.what
    assert "data.columns.question=COLUMN data.columns.answer=COLUMN" in problem.cure


def test_a_mistyped_column_names_the_near_one(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json_lines(ROWS))
    with pytest.raises(DataError) as caught:
        load(data(tmp_path / "rows.jsonl", columns={**COLUMNS, "answer": "anwser"}))
    (problem,) = caught.value.problems
    assert "answer" in problem.cure
    assert "data.columns.answer" in problem.cure
