"""`python -m reasoning_lab runs`: what is listed, in which order, and what a filter leaves."""

import re
from pathlib import Path

import pytest
from sample_run import begin, make_folder, make_run

from reasoning_lab.cli.entry import answer

GROUPS = ("2026-03-01_10-00-00-0a1b2c3d", "2026-03-02_11-30-00-0a1b2c3d")


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """Runs in four states, one in another's sweep, and a repeat that is not listed."""
    output = tmp_path / "multirun"
    taught = make_run("name=taught", output=output)
    make_folder(taught, output / "taught" / GROUPS[0] / "0", problems=50)
    make_folder(taught, output / "taught" / GROUPS[0] / "0.repeat1", problems=50)
    begin(taught, output / "taught" / GROUPS[1] / "0")
    make_folder(
        make_run("stage=evaluate", output=output),
        output / "evaluate" / GROUPS[1] / "10",
        problems=50,
    )
    failed = begin(make_run("stage=sft", output=output), output / "sft" / GROUPS[1] / "9")
    failed.error.write_text("Traceback …\nRuntimeError: \x1b[2Jout of luck\n", encoding="utf-8")
    broken = output / "sft" / GROUPS[0] / "0"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{", encoding="utf-8")
    return output


@pytest.mark.parametrize(
    ("line", "states"),
    [
        ("", ["finished", "failed", "unfinished", "finished", "unreadable"]),
        ("state=failed", ["failed"]),
        ("stage=evaluate", ["finished"]),
        ("name=taught", ["unfinished", "finished"]),
        ("name=tau* last=1", ["unfinished"]),
        ("last=2", ["finished", "failed"]),
        ("stage=rloo", []),
    ],
)
def test_runs(past: Path, line: str, states: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["runs", f"output={past}", *line.split()]) == 0
    shown = capsys.readouterr().out
    rows = shown.splitlines()[1:]
    assert [row.split()[4] for row in rows] == states
    assert all(row.startswith("2026-03-0") for row in rows)
    assert all((Path(row[row.index(str(past)) :])).is_dir() for row in rows)
    assert "\x1b[2J" not in shown
    for row in rows:
        if "finished" in row.split():
            assert "greedy pass@1" in row
            assert "[" in row.partition("pass@1")[2]
        if "failed" in row.split():
            assert "out of luck" in row


def test_on_a_narrow_terminal_result_and_folder_stand_below(
    past: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "70")
    assert answer(["runs", f"output={past}", "stage=evaluate"]) == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    _, first, result, folder = plain.splitlines()
    assert len(first) < 70
    assert result.startswith("  greedy pass@1")
    assert Path(folder.strip()).is_dir()
