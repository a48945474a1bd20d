from __future__ import annotations

import json
from pathlib import Path

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answer import read_problems, read_samples
from reasoning_lab.report.run.changes import changes
from reasoning_lab.report.run.chosen import from_problems
from reasoning_lab.report.sweep import jobs

GOOD = '{"step": 1, "id": "a", "text": "x", "tokens": 3, "finish": "stop", "parts": {"f": null}}\n'


def write(folder: Path, text: str) -> Path:
    place = folder / "samples.jsonl"
    place.write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("\n", 0), (GOOD, 1), (GOOD * 3, 3), (GOOD + '{"step": 2, "te', 1)],
)
def test_a_torn_last_line_is_passed_over(tmp_path: Path, text: str, count: int) -> None:
    assert len(read_samples(write(tmp_path, text))) == count


def test_no_file_is_no_rows(tmp_path: Path) -> None:
    assert read_samples(tmp_path / "none.jsonl") == []
    assert read_problems(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize("line", ["not json", "[1]", "{}", '{"step": "x", "text": ""}', "3"])
def test_another_malformed_line_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ArtifactError, match=r"samples\.jsonl:2: not a row"):
        read_samples(write(tmp_path, f"{GOOD}{line}\n{GOOD}"))


def test_only_the_end_of_a_large_file_is_read(tmp_path: Path) -> None:
    row = GOOD.replace('"x"', '"' + "x" * 1_000_000 + '"')
    samples = read_samples(write(tmp_path, row * 12))
    assert 6 <= len(samples) < 12


def test_what_does_not_apply_stays_none(tmp_path: Path) -> None:
    (sample,) = read_samples(write(tmp_path, GOOD))
    assert sample.parts == {"f": None}
    assert sample.total is None


def test_an_answer_that_was_not_judged_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    def answer(correct: bool | None) -> str:
        verdict = {True: '"correct"', False: '"wrong"', None: "null"}[correct]
        return (
            f'{{"greedy": [{{"text": "x", "tokens": 3, "correct": {json.dumps(correct)},'
            f' "verdict": {verdict}}}]}}'
        )

    kinds = [(None, True), (True, None), (None, None), (False, True), (True, True)]
    rows = "".join(
        f'{{"id": "{n}", "question": "q{n}", "answer": "1",'
        f' "before": {answer(old)}, "after": {answer(new)}}}\n'
        for n, (old, new) in enumerate(kinds)
    )
    problems = read_problems(write(tmp_path, rows))
    found = changes(problems)
    assert found is not None
    assert (len(found.fixed), len(found.broken), found.both_right, found.both_wrong) == (1, 0, 1, 0)
    heads = [(shown.head, shown.right) for shown in from_problems(problems[1:3], 2)]
    assert heads == [("held out, greedy · unjudged", False)] * 2
    assert [jobs._score(problem)[0] for problem in problems[1:3]] == ["", ""]
    assert jobs._score(problems[0]) == ("0\nq0", 1.0)
