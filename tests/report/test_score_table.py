"""What `stage=score` says at its end, drawn from a manifest and the broken lines alone."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console, Group
from sample_run import HOSTILE, begin, finished, harmless, make_run

from reasoning_lab.report.verbs import score as score_table
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.statistics.interval import Estimate, exactly, mean_interval, proportion

METRICS = {
    "score/total": mean_interval([1.1, 0.0, 0.5, 1.1]),
    "score/part/accuracy": proportion(2, 4),
    "score/part/length": exactly(-0.25, 1),
    "verdict/correct": proportion(2, 4),
    "verdict/wrong": proportion(2, 4),
    "verdict/timeout": proportion(0, 4),
    "lines/correct": exactly(2),
    "lines/wrong": exactly(2),
    "lines/scored": exactly(4),
    "lines/broken": exactly(0),
    "perf/lines_per_second": exactly(12345.6),
    "perf/ms/p50": exactly(0.0403),
    "perf/ms/p99": exactly(1.52),
    "perf/ms/max": exactly(2001.5),
}


def printed(
    place: Path, changed: dict[str, Estimate], broken: list[str], *, width: int = 100
) -> str:
    run = make_run("stage=score", "score.path=a.jsonl", output=place)
    folder = begin(run, place / "group" / "0")
    rows = [{"line": 3 + n, "reason": reason} for n, reason in enumerate(broken)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder.path / "broken.jsonl").write_text(text, encoding="utf-8")
    sample = read(finished(place / "other", "stage=evaluate")[1])
    manifest = sample.model_copy(
        update={
            "metrics": {**METRICS, "lines/broken": exactly(len(broken)), **changed},
            "artifacts": {"broken": "broken.jsonl"} if broken else {},
            "stage": "score",
        }
    )
    return shown(folder, manifest, run, width)


def shown(folder: RunFolder, manifest: object, run: object, width: int) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width)
    console.print(Group(*score_table.parts(run, folder, manifest, console)))  # type: ignore[arg-type]
    return file.getvalue()


def test_counts_rates_and_speed(tmp_path: Path) -> None:
    text = printed(tmp_path, {}, [])
    for said in (
        *("4 of 4 lines scored, in a.scored.jsonl", "0.675", "50.0 %", "[15.0, 85.0]"),
        *("accuracy", "-0.250", "none", "verdict correct", "verdict wrong"),
        *("12.3 k lines/s", "0.0403 ms (p50)", "1.52 ms (p99)", "2,002 ms (max)"),
        "intervals over lines",
    ):
        assert said in text
    assert "broken" not in text
    assert "timeout" not in text


def test_what_is_slow_has_a_rate(tmp_path: Path) -> None:
    assert "0.28 lines/s" in printed(tmp_path, {"perf/lines_per_second": exactly(0.28)}, [])


def test_what_a_term_saw_is_counted_in_its_words(tmp_path: Path) -> None:
    rates = {"timeout": 1, "no_program": 2, "memory": 0}
    seen = {f"code/{name}_rate": proportion(count, 4) for name, count in rates.items()}
    seen |= {f"lines/code/{name}_rate": exactly(count) for name, count in rates.items()}
    rows = [row.split() for row in printed(tmp_path, seen, []).splitlines()]
    found = [row[:5] for row in rows if row[:1] == ["code"]]
    assert found == [["code", "no", "program", "2", "50.0"], ["code", "timeout", "1", "25.0", "%"]]


def test_broken_lines_are_shown_and_counted(tmp_path: Path) -> None:
    text = printed(tmp_path, {}, [f"reason {n}" for n in range(9)])
    assert "4 of 13 lines scored" in text
    assert "9 broken lines, passed over; the first 5:" in text
    assert "line 3: reason 0" in text
    assert "line 7: reason 4" in text
    assert "reason 5" not in text


def test_a_constant_is_called_one(tmp_path: Path) -> None:
    text = printed(tmp_path, {"score/part/soft_overlong": exactly(0.0, 4)}, [])
    (row,) = [row for row in text.splitlines() if "soft_overlong" in row]
    assert row.split() == ["soft_overlong", "0.000", "constant"]


def test_intervals_say_that_they_are_over_problems(tmp_path: Path) -> None:
    fewer = {"score/total": exactly(0.5, 2), "score/part/accuracy": proportion(1, 2)}
    assert "intervals over 2 problems" in printed(tmp_path, fewer, [])
    one = {name: value.model_copy(update={"n": 1}) for name, value in fewer.items()}
    assert "intervals over 1 problem: " in printed(tmp_path / "one", one, [])


def test_the_figures_of_a_sweep(tmp_path: Path) -> None:
    sample = read(finished(tmp_path, "stage=evaluate")[1])
    assert score_table.sweep_figures(sample.model_copy(update={"metrics": METRICS})) == {
        "total": "0.675 [-0.171, 1.521]",
        "accuracy": "0.500",
        "length": "-0.250",
        "correct": "50.0 % [15.0, 85.0]",
        "lines": "4",
        "broken": "0",
    }


def test_without_verdicts(tmp_path: Path) -> None:
    run = make_run("stage=score", "score.path=a.jsonl", output=tmp_path)
    folder = begin(run, tmp_path / "group" / "0")
    sample = read(finished(tmp_path / "other", "stage=evaluate")[1])
    kept = {name: one for name, one in METRICS.items() if not name.startswith("verdict")}
    text = shown(folder, sample.model_copy(update={"metrics": kept}), run, 80)
    assert "verdict" not in text
    assert "total" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_reasons_break_nothing(tmp_path: Path, text: str) -> None:
    said = printed(tmp_path, {}, [text])
    assert "\x1b" not in said
    harmless(said)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_intervals_are_never_cut(tmp_path: Path, width: int) -> None:
    text = printed(tmp_path, {}, ["r" * 500], width=width)
    assert "[15.0, 85.0]" in text
    assert all(len(line) <= width for line in text.splitlines())
