from __future__ import annotations

from pathlib import Path

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.report.records import read_problems, read_samples

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
