import json
from pathlib import Path

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answer import (
    GREEDY,
    Answer,
    Attempt,
    Problem,
    read_problems,
    write_problems,
)
from reasoning_lab.report.run.chosen import changes, from_problems
from reasoning_lab.report.sweep import jobs


def answer(correct: bool | None, text: str = "x") -> Answer:
    verdict = {True: "correct", False: "wrong", None: None}[correct]
    return Answer(text=text, correct=correct, verdict=verdict, tokens=3, finish="stop")


def problem(number: int, before: bool | None, after: bool | None) -> Problem:
    attempts = [Attempt({GREEDY: (answer(one),)}) for one in (before, after)]
    return Problem(str(number), f"q{number}", "1", before=attempts[0], after=attempts[1])


def test_what_is_written_is_read_but_for_a_torn_last_line(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl"
    sampled = (answer(True, "a\u2028b"), answer(None))
    attempt = Attempt({GREEDY: (answer(False),), "sampled": sampled, "long": ()})
    written = [problem(0, True, None), Problem("1", "q1", "", after=attempt)]
    assert read_problems(path) == []
    write_problems(path, written)
    assert list(json.loads(path.read_text("utf-8").split("\n")[0])) == [
        "id", "question", "answer", "after", "before",
    ]  # fmt: skip
    with path.open("a") as file:
        file.write('{"id": "2", "qu')
    assert read_problems(path) == written
    assert [one.after.leading for one in written] == [answer(None), answer(False)]


@pytest.mark.parametrize(
    ("answers", "way", "score"),
    [
        ({}, None, None),
        ({"think": ()}, None, None),
        ({"think": (answer(True), answer(False)), "other": (answer(True),)}, "think", 0.5),
        ({"think": (answer(True),), GREEDY: (answer(False),)}, GREEDY, 0.0),
        ({"think": (), "other": (answer(True), answer(None))}, "other", None),
    ],
)
def test_greedy_leads_and_else_the_first_way(
    answers: dict[str, tuple[Answer, ...]], way: str | None, score: float | None
) -> None:
    attempt = Attempt(answers)
    assert (attempt.leading_way, attempt.score()) == (way, score)
    assert attempt.leading == (None if way is None else answers[way][0])


def test_what_was_not_said_of_an_answer_stays_unsaid(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl"
    unsaid = Answer("4", True, "correct", tokens=None, finish=None, vote="4")
    write_problems(path, [Problem("0", "2+2?", "4", after=Attempt({"given": (unsaid,)}))])
    (read,) = read_problems(path)
    assert read.after.leading == unsaid
    old = path.read_text("utf-8").replace(', "vote": "4"', "")
    path.write_text(old, encoding="utf-8")
    assert read_problems(path)[0].after.leading.vote is None


@pytest.mark.parametrize(
    "line", ["not json", "[1]", "{}", "3", '{"id": "0", "question": "", "answer": "", "after": 1}']
)
def test_a_line_of_another_hand_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "problems.jsonl"
    write_problems(path, [problem(0, True, True)])
    with path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(ArtifactError) as caught:
        read_problems(path)
    assert [found.where for found in caught.value.problems] == [f"{path}:2"]


def test_an_answer_that_was_not_judged_is_neither_right_nor_wrong() -> None:
    kinds = [(None, True), (True, None), (None, None), (False, True), (True, True)]
    problems = [problem(number, old, new) for number, (old, new) in enumerate(kinds)]
    found = changes(problems)
    assert found is not None
    assert (len(found.fixed), len(found.broken), found.both_right, found.both_wrong) == (1, 0, 1, 0)
    heads = [(shown.head, shown.right) for shown in from_problems(problems[1:3], 2)]
    assert heads == [("held out, greedy · unjudged", False)] * 2
    assert [jobs._score(one)[0] for one in problems[1:3]] == ["", ""]
    assert jobs._score(problems[0]) == ("0\nq0", 1.0)
