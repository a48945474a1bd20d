"""What other programs logged is read as they meant it; what is no log is refused by its place."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign_logs import (
    inspect_eval,
    inspect_json,
    inspect_sample,
    lm_eval_choice,
    lm_eval_row,
    write_lines,
)
from measured_run import once, problems

from reasoning_lab.comparing.formats import read_answers
from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answer import write_problems
from reasoning_lab.records.answered import Reply


def test_samples_of_lm_eval(tmp_path: Path) -> None:
    rows = [
        lm_eval_row(doc, right, filtered=filtered)
        for filtered, scores in (("strict-match", (1.0, 0.0)), ("flexible-extract", (1.0, 1.0)))
        for doc, right in enumerate(scores)
    ]
    program, found = read_answers(write_lines(tmp_path / "s.jsonl", rows), "after")
    assert program == "lm-eval"
    assert [one.id for one in found] == ["0", "1"]
    assert found[1].question == "What is 1 + 0?"
    assert found[1].gold.endswith("#### 1")
    assert found[1].where.endswith("s.jsonl:2")
    assert {way: [one.score for one in row] for way, row in found[1].ways.items()} == {
        "strict-match": [0.0],
        "flexible-extract": [1.0],
    }
    (reply,) = found[0].ways["strict-match"]
    assert reply == Reply("It is 0.", 1.0, tokens=None, cut_off=None)


def test_a_choice_of_lm_eval_is_the_likeliest_and_each_share_a_way(tmp_path: Path) -> None:
    rows = [lm_eval_choice(0, picked=1, gold=1), lm_eval_choice(1, picked=0, gold=1)]
    _, found = read_answers(write_lines(tmp_path / "s.jsonl", rows), "after")
    assert [one.question for one in found] == ["0?", "1?"]
    assert found[0].ways == {
        "none/acc": [Reply(" green", 1.0)],
        "none/acc_norm": [Reply(" green", 0.0)],
    }
    assert found[1].ways["none/acc"] == [Reply(" red", 0.0)]


def test_several_samples_of_lm_eval_count_by_their_first(tmp_path: Path) -> None:
    row = lm_eval_row(0, 1.0, resps=[["first", "second"]])
    _, (found,) = read_answers(write_lines(tmp_path / "s.jsonl", [row]), "after")
    assert [one.text for one in found.ways["strict-match"]] == ["first"]


def test_a_prompt_stands_for_a_question_without_a_column(tmp_path: Path) -> None:
    row = lm_eval_row(0, 1.0, doc={"a": 1})
    _, (found,) = read_answers(write_lines(tmp_path / "s.jsonl", [row]), "after")
    assert found.question == "Question: What is 0 + 0?\nAnswer:"


SAMPLES = [
    inspect_sample(1, "C"),
    inspect_sample(2, "I"),
    inspect_sample(1, "I", epoch=2),
    inspect_sample(2, "P", epoch=2),
]


@pytest.mark.parametrize("form", ["json", "eval", "eval by deflate"])
def test_epochs_of_inspect_are_samples(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"log.{form[:4]}"
    if form == "json":
        inspect_json(path, SAMPLES)
    else:
        inspect_eval(path, SAMPLES, zstandard=form == "eval")
    program, found = read_answers(path, "after")
    assert program == "inspect"
    assert [(one.id, one.question, one.gold) for one in found] == [
        ("1", "What is 1 + 0?", "1"),
        ("2", "What is 2 + 0?", "2"),
    ]
    scores = [[one.score for one in problem.ways["match"]] for problem in found]
    assert scores == [[1.0, 0.0], [0.0, 0.5]]
    assert found[0].ways["match"][0] == Reply("It is 1.", 1.0, tokens=7, cut_off=False)


LIMIT = {"type": "token", "limit": 9.0}


def _changed(**inner: Any) -> dict[str, Any]:
    sample = inspect_sample(1, "C")
    return {**sample, "output": {**sample["output"], **inner}}


def _stopped(reason: str) -> dict[str, Any]:
    (choice,) = inspect_sample(1, "C")["output"]["choices"]
    return _changed(choices=[{**choice, "stop_reason": reason}])


@pytest.mark.parametrize(
    ("sample", "reply"),
    [
        (inspect_sample(1, True), Reply("It is 1.", 1.0, 7, False)),
        (inspect_sample(1, 0.25), Reply("It is 1.", 0.25, 7, False)),
        (inspect_sample(1, "yes"), Reply("It is 1.", 1.0, 7, False)),
        (inspect_sample(1, "N"), Reply("It is 1.", 0.0, 7, False)),
        (inspect_sample(1, "0.75"), Reply("It is 1.", 0.75, 7, False)),
        (inspect_sample(1, math.nan), Reply("It is 1.", None, 7, False)),
        (inspect_sample(1, 7), Reply("It is 1.", None, 7, False)),
        (inspect_sample(1, "odd"), Reply("It is 1.", None, 7, False)),
        (inspect_sample(1, "C", error={"message": "x"}), Reply("It is 1.", None, 7, False)),
        (_stopped("max_tokens"), Reply("It is 1.", 1.0, 7, True)),
        (_stopped("unknown"), Reply("It is 1.", 1.0, 7, None)),
        (inspect_sample(1, "C", limit=LIMIT), Reply("It is 1.", 1.0, 7, True)),
        (_changed(usage=None), Reply("It is 1.", 1.0, None, False)),
        (_changed(choices=[], completion=""), Reply("", 1.0, 7, None)),
    ],
)  # fmt: skip
def test_a_sample_of_inspect(tmp_path: Path, sample: Any, reply: Reply) -> None:
    _, (found,) = read_answers(inspect_json(tmp_path / "log.json", [sample]), "after")
    assert found.ways == {"match": [reply]}


def test_turns_parts_and_attachments_of_inspect(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "attachment://abc"}]},
    ]
    both = {"match": {"value": {"strict": 1, "loose": 0}}}
    sample = inspect_sample(1, "C", input=turns, scores=both, target=["1", "one"])
    sample["attachments"] = {"abc": "a long question"}
    _, (found,) = read_answers(inspect_json(tmp_path / "log.json", [sample]), "after")
    assert (found.question, found.gold) == ("a long question", "1 | one")
    assert {way: row[0].score for way, row in found.ways.items()} == {
        "match/strict": 1.0,
        "match/loose": 0.0,
    }


def _lacking(path: Path) -> Path:
    return write_lines(path, [lm_eval_row(0, 1.0), {"doc_id": 1, "doc": {}}])


def _damaged(path: Path) -> Path:
    inspect_eval(path, SAMPLES, zstandard=True)
    whole = path.read_bytes()
    begin = whole.index(b"samples/1_epoch_1.json") + 40
    path.write_bytes(whole[:begin] + b"\0" * 20 + whole[begin + 20 :])
    return path


WRONG: dict[str, tuple[Callable[[Path], Path], str]] = {
    "text": (lambda path: _text(path, "not JSON\n"), ""),
    "empty": (lambda path: _text(path, ""), ""),
    "a list": (lambda path: _text(path, "[1, 2]"), ""),
    "another object": (lambda path: _text(path, '{"results": {}, "configs": {}}'), ""),
    "another zip": (lambda path: inspect_eval(path, [], zstandard=False), ""),
    "a header of inspect": (lambda path: inspect_json(path, None), ""),
    "inspect without epochs": (lambda path: inspect_json(path, [{"id": 1}]), ""),
    "a damaged zip": (lambda path: _text(path, "PK\x03\x04 and so on"), ""),
    "a damaged file in a zip": (_damaged, ""),
    "lm-eval of another form": (_lacking, ":2"),
    "lm-eval without a share": (
        lambda path: write_lines(path, [lm_eval_row(0, 1.0, exact_match=7.5)]),
        "",
    ),
    "lm-eval with a document twice": (
        lambda path: write_lines(path, [lm_eval_row(0, 1.0), lm_eval_row(0, 0.0)]),
        ":2",
    ),
    "a broken line": (lambda path: _text(path, json.dumps(lm_eval_row(0, 1.0)) + "\n{\n"), ":2"),
}


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_compared_is_refused_by_its_place(tmp_path: Path, name: str) -> None:
    make, place = WRONG[name]
    path = make(tmp_path / "answers")
    with pytest.raises(ArtifactError) as caught:
        read_answers(path, "after")
    assert [one.where for one in caught.value.problems] == [f"{path}{place}"]
    assert all(one.cure for one in caught.value.problems)


@pytest.mark.parametrize("foreign", [True, False])
def test_only_a_training_of_the_lab_has_answers_before_it(tmp_path: Path, foreign: bool) -> None:
    path = tmp_path / "answers.jsonl"
    if foreign:
        write_lines(path, [lm_eval_row(0, 1.0)])
    else:
        write_problems(path, problems({"greedy": once("1")}))
    with pytest.raises(ArtifactError) as caught:
        read_answers(path, "before")
    assert [one.where for one in caught.value.problems] == [str(path)]
    write_problems(path, problems({"greedy": once("1")}, {"greedy": once("0")}))
    (found,) = read_answers(path, "before")[1]
    assert found.ways["greedy"][0].score == 0
    assert found.ways["greedy"][0].tokens == 9


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("", True),
        (" \n", True),
        ("4", False),
        ("<think>\nso", True),
        ("<think>\nso\n</think>\n", True),
        ("<think>\nso\n</think>\n4", False),
        ("<answer>4</answer>", False),
    ],
)
def test_an_answer_is_empty_where_nothing_is_answered(text: str, empty: bool) -> None:
    assert Reply(text, 0.0).empty == empty
