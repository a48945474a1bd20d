"""Rows from jsonl files: read in full, or refused with the file and the line."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.data import heldout, load, to_measure
from reasoning_lab.data.split import is_heldout, key
from reasoning_lab.errors import DataError
from reasoning_lab.schema.data import Rows
from reasoning_lab.text.prompts import question_of

GSM8K = "reasoning_lab.data.readers:gsm8k"
PLAIN = "reasoning_lab.data.readers:question_answer"


def word_problem(number: int, topic: str = "pears") -> dict[str, str]:
    worked = f"He sells 2*{number}=<<2*{number}={2 * number}>>{2 * number} {topic}.\n"
    return {
        "question": f"Tom packs {number} {topic} twice. How many {topic} are packed?",
        "answer": f"{worked}#### {2 * number:,}",
    }


def write(path: Path, rows: list[Any]) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def data(folder: Path | None, /, **changes: Any) -> Rows:
    plain = {"kind": "rows", "name": "w", "hub": None, "config": None,
             "path": folder and str(folder), "train_split": "train",
             "heldout_split": "test", "reader": GSM8K, "columns": {},
             "task": "math", "role": "train",
             "train_size": None, "heldout_size": None,
             "seed": 0, "too_long": "drop"}  # fmt: skip
    return Rows.model_validate({**plain, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "train.jsonl", [word_problem(n) for n in range(40)])
    write(tmp_path / "test.jsonl", [word_problem(n, "plums") for n in range(995, 1005)])
    return tmp_path


def test_a_folder_keeps_its_own_splits(folder: Path) -> None:
    splits = load(data(folder))
    assert (len(splits.train), len(splits.heldout)) == (40, 10)
    last = splits.heldout[-1]
    assert (last.id, last.answer, last.trace) == ("w-test-9", "2008", "He sells 2*1004=2008 plums.")


def test_a_packed_folder_is_the_same_folder(folder: Path) -> None:
    open_rows = load(data(folder))
    for file in list(folder.glob("*.jsonl")):
        with gzip.open(f"{file}.gz", "wb") as packed:
            packed.write(file.read_bytes())
        file.unlink()
    assert load(data(folder)) == open_rows


def test_a_held_out_problem_leaves_the_training_rows(folder: Path) -> None:
    write(folder / "train.jsonl", [word_problem(1), word_problem(1), word_problem(999, "plums")])
    assert [row.id for row in load(data(folder)).train] == ["w-train-0"]


@pytest.mark.parametrize("form", ["file", "one split"])
def test_one_source_is_split_by_content(tmp_path: Path, form: str) -> None:
    file = write(tmp_path / "all.jsonl", [word_problem(n) for n in range(300)])
    asked = data(file) if form == "file" else data(tmp_path, train_split="all", heldout_split="all")
    splits = load(asked)
    assert len(splits.train) + len(splits.heldout) == 300
    assert all(is_heldout(key(question_of(row))) for row in splits.heldout)
    assert not any(is_heldout(key(question_of(row))) for row in splits.train)


@pytest.mark.parametrize("form", ["file", "folder"])
def test_all_of_a_test_set_is_held_out(tmp_path: Path, form: str) -> None:
    file = write(tmp_path / "test.jsonl", [word_problem(n) for n in range(60)])
    asked = data(file if form == "file" else tmp_path, train_split=None)
    splits = load(asked)
    assert (len(splits.train), len(splits.heldout)) == (0, 60)
    assert heldout(asked) == splits.heldout
    assert len(load(data(file, train_split=None, heldout_size=7)).heldout) == 7


@pytest.mark.parametrize("form", ["one file", "two splits"])
def test_the_held_out_split_alone_is_the_same(folder: Path, form: str) -> None:
    write(folder / "all.jsonl", [word_problem(n) for n in range(100)])
    asked = data(folder / "all.jsonl" if form == "one file" else folder, heldout_size=5)
    assert heldout(asked) == load(asked).heldout


def test_more_are_not_measured_than_are_held_out(folder: Path) -> None:
    rows = load(data(folder)).heldout
    assert [len(to_measure(rows, problems)) for problems in (None, 10, 3)] == [10, 10, 3]
    with pytest.raises(DataError, match="asks for 11 held-out problems, there are 10"):
        to_measure(rows, 11)


def test_sizes_are_nested(folder: Path) -> None:
    small = load(data(folder, train_size=10)).train
    large = load(data(folder, train_size=20)).train
    assert (len(small), len(large)) == (10, 20)
    assert {row.id for row in small} < {row.id for row in large}


@pytest.mark.parametrize(
    ("row", "answer", "trace"),
    [
        ({"question": "1 + 1?", "answer": "2"}, "2", None),
        ({"question": "1 + 1?", "answer": 2, "trace": "1+1=2"}, "2", "1+1=2"),
        ({"question": "half?", "answer": 0.5, "trace": None}, "0.5", None),
    ],
)
def test_question_answer(folder: Path, row: dict[str, Any], answer: str, trace: str | None) -> None:
    write(folder / "train.jsonl", [row])
    write(folder / "test.jsonl", [{"question": "other?", "answer": "1"}])
    example = load(data(folder, reader=PLAIN)).train[0]
    assert (example.answer, example.trace) == (answer, trace)


BROKEN: list[tuple[Any, list[str]]] = [
    ("{not json", ["train.jsonl:2", "not JSON"]),
    ("[1, 2]", ["train.jsonl:2", "JSON list"]),
    ({"problem": "x", "answer": "#### 1"}, ["train.jsonl:2", "`question`", "`problem`, `answer`"]),
    ({"question": "x"}, ["train.jsonl:2", "`answer`", "its columns: `question`"]),
    ({"question": 5, "answer": "#### 1"}, ["train.jsonl:2", "int, not text"]),
    ({"question": " ", "answer": "#### 1"}, ["train.jsonl:2", "empty"]),
    ({"question": "x", "answer": "1"}, ["train.jsonl:2", "####"]),
    ({"question": "x", "answer": "#### one"}, ["train.jsonl:2", "not a number: 'one'"]),
    ({"question": "x", "answer": "#### inf"}, ["train.jsonl:2", "not a number"]),
]


@pytest.mark.parametrize(("row", "expected"), BROKEN)
def test_a_broken_row_is_named(folder: Path, row: Any, expected: list[str]) -> None:
    write(folder / "train.jsonl", [word_problem(1), row, word_problem(2)])
    with pytest.raises(DataError) as caught:
        load(data(folder))
    for words in expected:
        assert words in str(caught.value)


def test_a_line_that_is_not_utf8(folder: Path) -> None:
    (folder / "train.jsonl").write_bytes(b'\n{"question": "\xff"}\n')
    with pytest.raises(DataError, match=r"train\.jsonl:2: not UTF-8"):
        load(data(folder))


CHOICES: list[tuple[dict[str, Any], str]] = [
    ({"path": "/no/such/folder"}, "data.path: no such file or folder"),
    ({"train_split": "trian"}, "did you mean train"),
    ({"train_size": 41}, "asks for 41 rows, there are 40"),
    ({"reader": "gsm8k"}, "not module:function"),
    ({"reader": "reasoning_lab.data.readers:gsm8"}, "did you mean gsm8k"),
    (
        {"reader": "reasoning_lab.data.reader:gsm8k"},
        "data.reader: .*lab.data.readers",
    ),
    ({"reader": "os:system"}, "data.reader: .*register it under the group"),
    ({"path": None}, "neither a path nor a hub id"),
]


@pytest.mark.parametrize(("changes", "expected"), CHOICES)
def test_a_wrong_choice_is_explained(folder: Path, changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        load(data(folder, **changes))


@pytest.mark.parametrize(
    ("said", "named", "expected"),
    [
        ("math", "", "math"),
        ("logic", "", "logic"),
        ("math", "code", "code"),
        ("logic", "chat", "chat"),
    ],
)
def test_a_row_is_of_the_task_that_its_reader_names_else_of_the_datas(
    folder: Path, monkeypatch: pytest.MonkeyPatch, said: str, named: str, expected: str
) -> None:
    """With a reader of one's own: an installed plug-in."""
    plugin = "from reasoning_lab.text.example import Example\ndef rows(row, name):\n"
    plugin += "    prompt = ({'role': 'user', 'content': row['question']},)\n"
    plugin += f"    return Example(name, prompt, '7'{f', task={named!r}' if named else ''})\n"
    module = f"own_{said}_{named}"
    (folder / f"{module}.py").write_text(plugin)
    info = folder / f"{module}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {module}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[reasoning_lab.readers]\nown = {module}:rows\n")
    monkeypatch.syspath_prepend(str(folder))
    own = data(folder, reader=f"{module}:rows", task=said)
    splits = load(own)
    assert {row.task for row in [*splits.train, *splits.heldout]} == {expected}
    assert own.row_task is None, "a reader of another package may name another task"


def test_a_lab_reader_names_no_task(folder: Path) -> None:
    chosen = data(folder, task="logic")
    assert {row.task for row in load(chosen).train} == {chosen.row_task} == {"logic"}


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no"):
        load(data(tmp_path))


def test_a_hub_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(DataError, match=r"out of reach.*data\.path=FOLDER.*HF_HUB_OFFLINE=1"):
        load(data(None, hub="someone/something"))


def test_a_hub_that_is_not_to_be_asked() -> None:
    code = (
        "from reasoning_lab.data import hub\nfrom reasoning_lab.errors import DataError\n"
        "try: next(hub.read('someone/something', None, 'train'))\n"
        "except DataError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot load split `train`" in done.stdout
    assert "or unset HF_HUB_OFFLINE" in done.stdout
    assert "set HF_HUB_OFFLINE=1" not in done.stdout
