"""Saved completions: matched with problems, counted, or refused by line; judged as a model's."""

import gzip
import json
from pathlib import Path

import pytest
from small_run import lab

from reasoning_lab.comparing.formats import read_answers
from reasoning_lab.errors import DataError
from reasoning_lab.measure.given import GIVEN, read
from reasoning_lab.records.answer import read_problems
from reasoning_lab.text.example import Example

HELDOUT = [
    Example(f"p{n}", ({"role": "user", "content": f"{n} + 1 ="},), str(n + 1)) for n in range(4)
]


def boxed(number: int) -> str:
    return f"\\boxed{{{number}}}"


def saved(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_rows_of_one_problem_add_up_by_id_and_by_question(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.jsonl",
        {"id": "p0", "completion": boxed(1), "tokens": 3, "finish": "stop"},
        {"question": " 0  + 1 =", "completions": [{"text": "hm", "tokens": 9, "finish": "length"}]},
        {"id": "other", "question": [{"role": "user", "content": "1 + 1 ="}], "completion": ""},
        {"id": "p1", "completions": [boxed(2), {"text": boxed(3)}]},
    )
    found = read(path, HELDOUT)
    assert [one.id for one in found.examples] == ["p0", "p1"]
    texts = [[one.text for one in row] for row in found.completions[GIVEN]]
    assert texts == [[boxed(1), "hm"], ["", boxed(2), boxed(3)]]
    assert [one.finish for one in found.completions[GIVEN][0]] == ["stop", "length"]
    assert found.unsaid == {GIVEN: frozenset({"tokens", "finish"})}
    assert "2 of 4" in found.notes[0]
    assert "2 to 3" in found.notes[1]


def test_ways_are_kept_apart_and_measured_on_the_same_problems(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    rows = [
        {"id": "p0", "way": "think", "completion": boxed(1), "tokens": 1, "finish": "stop"},
        {"id": "p0", "way": "no_think", "completion": boxed(1)},
        {"id": "p3", "way": "think", "completion": boxed(1), "tokens": 1, "finish": "stop"},
        {"id": "stranger", "way": "think", "completion": boxed(1)},
    ]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, rows)))
    found = read(path, HELDOUT)
    assert [one.id for one in found.examples] == ["p0"]
    assert found.completions.keys() == {"think", "no_think"}
    assert found.unsaid["think"] == frozenset()
    assert any(f"{path}:4" in note for note in found.notes)


GOOD = {"id": "p0", "completion": "1"}


@pytest.mark.parametrize(
    "row",
    [
        {"id": "p0"},
        {"completion": "1"},
        {"id": "p0", "completion": "1", "completions": ["1"]},
        {"id": "p0", "completions": []},
        {"id": "p0", "completions": "1"},
        {"id": "p0", "completions": [1]},
        {"id": "p0", "completion": None},
        {"id": "p0", "completion": {"tokens": 3}},
        {"id": "p0", "question": "1 + 1 =", "completion": "1"},
        {"id": "p0", "question": 3, "completion": "1"},
        {**GOOD, "tokens": "3"},
        {**GOOD, "tokens": -1},
        {**GOOD, "tokens": True},
        {**GOOD, "finish": "eos"},
        {**GOOD, "way": "a/b"},
        {**GOOD, "way": 1},
        [GOOD],
    ],
)
def test_a_row_that_is_none_is_refused_by_its_line(tmp_path: Path, row: object) -> None:
    path = saved(tmp_path / "a.jsonl", GOOD, row, GOOD)
    with pytest.raises(DataError) as caught:
        read(path, HELDOUT)
    assert [problem.where for problem in caught.value.problems] == [f"{path}:2"]


def test_a_file_of_other_problems_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jsonl", {"id": "x", "completion": "1"})
    with pytest.raises(DataError) as caught:
        read(path, HELDOUT)
    assert caught.value.problems[0].where == f"{path}:1"
    empty = saved(tmp_path / "b.jsonl")
    with pytest.raises(DataError):
        read(empty, HELDOUT)
    apart = saved(tmp_path / "c.jsonl", GOOD, {"id": "p1", "way": "think", "completion": "1"})
    with pytest.raises(DataError) as caught:
        read(apart, HELDOUT)
    assert caught.value.problems[0].where == "stage.completions"


RUN = "stage=evaluate tracker=none data=local data.train_split=null".split()


def test_a_file_is_measured_without_a_model_and_without_torch(tmp_path: Path) -> None:
    rows = [
        {
            "question": f"{n} + 1 =",
            "answer": str(n + 1),
            "completions": [boxed(n + 1), boxed(n + 1 if n % 2 else n), "hm", boxed(n)],
        }
        for n in range(10)
    ]
    path = saved(tmp_path / "mine.jsonl", *rows)
    # A module of this name that cannot be imported: nothing may ask for torch.
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')\n")
    done = lab(
        *RUN, f"data.path={path}", f"completions={path}", "model.path=run:nothing@latest",
        cwd=tmp_path, PYTHONPATH=f"{tmp_path}:{Path(__file__).resolve().parents[2]}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (manifest,) = tmp_path.glob("multirun/evaluate/*/*/manifest.json")
    found = json.loads(manifest.read_text("utf-8"))
    values = {name: one["value"] for name, one in found["metrics"].items()}
    # Half of the problems have 2 of 4 right (one vote against), half 1 of 4 (two against).
    assert values["given/pass@1"] == pytest.approx(0.375)
    assert values["given/pass@2"] == pytest.approx((5 / 6 + 3 / 6) / 2)
    assert values["given/maj@4"] == pytest.approx(0.5)
    assert values["given/format"] == pytest.approx(0.75)
    assert not {"given/tokens", "given/cut_off", "perf/tokens_per_second"} & values.keys()
    assert "model" not in json.loads((manifest.parent / "run.json").read_text("utf-8"))
    assert set(found["measured_with"]) == {"way/given", "problems", "judge"}
    assert len(found["measured_by"]) == 12
    (first, *_) = read_problems(manifest.parent / "problems.jsonl")
    assert [one.vote for one in first.after.answers["given"]] == ["1", "0", None, "0"]
    assert (manifest.parent / "report.html").is_file()
    _, answered = read_answers(manifest.parent / "problems.jsonl", "after")
    replies = [one for each in answered for one in each.ways["given"]]
    assert {(one.tokens, one.cut_off) for one in replies} == {(None, None)}, "never said, so no 0"


@pytest.mark.parametrize(
    ("completions", "where"),
    [("nowhere.jsonl", "stage.completions"), ("mine.txt", "stage.completions")],
)
def test_a_file_that_cannot_be_read_is_refused_before_a_folder_is_made(
    tmp_path: Path, completions: str, where: str
) -> None:
    path = saved(tmp_path / "rows.jsonl", {"question": "1 + 1 =", "answer": "2"})
    (tmp_path / "mine.txt").write_text("")
    done = lab(*RUN, f"data.path={path}", f"completions={completions}", cwd=tmp_path)
    assert done.returncode == 2
    assert where in done.stderr + done.stdout
    assert not (tmp_path / "multirun").exists()
