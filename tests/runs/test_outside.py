"""The file that a run leaves outside of its folder: its place, and whole or not at all."""

import json
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.outside import clashes, replacing, scored_file
from reasoning_lab.schema.stages.score import Score

SCORE = compose(["stage=score"])["stage"]


def score(path: str | Path, out: str | Path | None = None) -> Score:
    changes = {"path": str(path), "out": None if out is None else str(out)}
    return Score.model_validate_json(json.dumps(SCORE | changes))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", "a.scored.jsonl"),
        ("a.json", "a.scored.jsonl"),
        ("a.ndjson", "a.scored.jsonl"),
        ("a.b.jsonl", "a.b.scored.jsonl"),
        ("a.jsonl.gz", "a.scored.jsonl.gz"),
        ("a.scored.jsonl", "a.scored.scored.jsonl"),
        ("a", "a.scored.jsonl"),
        ("a.txt", "a.txt.scored.jsonl"),
        (".jsonl", ".jsonl.scored.jsonl"),
    ],
)
def test_the_name_beside_the_input(tmp_path: Path, name: str, expected: str) -> None:
    folder = RunFolder(tmp_path / "group" / "0")
    assert scored_file(score(tmp_path / name), folder) == tmp_path / expected


def test_the_place_in_a_sweep_and_in_a_repeat(tmp_path: Path) -> None:
    group = tmp_path / "group"
    group.mkdir()
    (group / "sweep.json").touch()
    job, repeat = RunFolder(group / "3"), RunFolder(group / "3.repeat1")
    free, named = score(tmp_path / "a.jsonl"), score(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert scored_file(free, job) == job.path / "a.scored.jsonl"
    assert scored_file(named, job) == tmp_path / "b.jsonl"
    assert scored_file(free, repeat) == repeat.path / "a.scored.jsonl"
    assert scored_file(named, repeat) == repeat.path / "b.jsonl"


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("")
    (tmp_path / "link.jsonl").symlink_to(path)
    said = {
        out: [problem.what for problem in score(path, tmp_path / out).outside()]
        for out in ("a.jsonl", "link.jsonl", "../" + tmp_path.name, "no/b.jsonl", "b.jsonl")
    }
    assert said["a.jsonl"] == said["link.jsonl"] == ["is the file that is read"]
    assert "is a folder" in said[f"../{tmp_path.name}"][0]
    assert "there is no folder" in said["no/b.jsonl"][0]
    assert said["b.jsonl"] == []
    assert [p.what for p in score(path, os.devnull).outside()] == [
        f"{os.devnull} is not a plain file"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    tmp_path.chmod(0o500)
    assert [p.where for p in score(tmp_path / "a.jsonl").outside()] == ["stage.out"]


def test_jobs_that_would_write_one_file(tmp_path: Path) -> None:
    places = [tmp_path / "b.jsonl", tmp_path / "x/../b.jsonl"]
    assert [score("a.jsonl", place).writes() for place in places] == places
    assert score("a.jsonl").writes() is None
    assert [found.where for found in clashes(places)] == ["stage.out"]
    assert not list(clashes(places[:1]))


def half_written(file: BinaryIO) -> None:
    file.write(b"half")
    raise OSError("no room on the disk")


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with pytest.raises(OSError, match="disk"), replacing(path) as file:
        half_written(file)
    assert path.read_text() == "old"
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_link_is_followed_and_modes_are_ordinary(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a.jsonl")
    with replacing(tmp_path / "link") as file:
        file.write(b"new")
    (tmp_path / "plain").touch()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a.jsonl").read_text() == "new"
    assert (tmp_path / "a.jsonl").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_that_went_away(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be written"), replacing(tmp_path / "no" / "a"):
        pass
