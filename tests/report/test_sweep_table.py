import csv
import io
from pathlib import Path

import pytest
from rich.console import Console
from sample_run import begin, make_folder, make_run

from reasoning_lab.errors import ArtifactError
from reasoning_lab.report.run import summary
from reasoning_lab.report.sweep import figures as by_figures
from reasoning_lab.report.sweep import table as sweep
from reasoning_lab.report.sweep.jobs import find, swept_keys
from reasoning_lab.runs.create import create_group, sweep_size
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.lock import held
from reasoning_lab.runs.manifest import read
from reasoning_lab.statistics.interval import exactly


def printed(folder: Path, width: int = 140) -> str:
    file = io.StringIO()
    sweep.table(folder, Console(file=file, width=width))
    return file.getvalue()


def read_table(folder: Path) -> list[dict[str, str]]:
    with (folder / "table.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def make_jobs(folder: Path, *jobs: tuple[str, float]) -> None:
    """Finished GRPO jobs 0, 1, … of (override, skill)."""
    for number, (override, skill) in enumerate(jobs):
        run = make_run("stage=grpo", *override.split(), output=folder)
        make_folder(run, folder / str(number), skill=skill, seed=number)


@pytest.mark.parametrize(
    ("jobs", "keys"),
    [
        (["seed=0", "seed=1"], ["seed"]),
        (["stage.num_generations=4", "stage.num_generations=8"], ["stage.num_generations"]),
        (["model=tiny", "model=tiny_student"], ["model.name"]),
        (["peft=none", "peft=lora"], ["peft.kind"]),
        (
            ["peft=lora peft.r=4", "peft=lora peft.r=8", "peft=none"],
            ["peft.kind", "peft.r"],
        ),
        (
            ["reward.terms.format.weight=0.1 seed=0", "reward.terms.format.weight=0.2 seed=1"],
            ["seed", "reward.terms.format.weight"],
        ),
        (["way=greedy", "way=[greedy,think]"], ["way"]),
        (
            ["way=think", "way=think way.think.temperature=1"],
            ["stage.evaluation.ways.think.temperature"],
        ),
        (["evaluation.samples=1", "evaluation.samples=4"], ["stage.evaluation.samples"]),
        (["seed=0", "seed=0"], []),
        (["resume=never group=a", "resume=auto group=b"], []),
    ],
)
def test_only_what_was_varied_is_shown(tmp_path: Path, jobs: list[str], keys: list[str]) -> None:
    for number, job in enumerate(jobs):
        begin(make_run(*job.split(), output=tmp_path), tmp_path / str(number))
    assert swept_keys(find(tmp_path)) == keys


def test_the_best_is_marked_and_what_cannot_be_told_from_it(tmp_path: Path) -> None:
    make_jobs(tmp_path, ("seed=0", 0.4), ("seed=1", 0.8), ("seed=2", 0.77))
    text = printed(tmp_path)
    worse, best, tied = read_table(tmp_path)
    assert [worse["mark"], best["mark"], tied["mark"]] == ["", "best", "not distinguishable"]
    assert float(worse["behind_best/high"]) < 0 <= float(tied["behind_best/high"])
    assert worse["behind_best/n"] == "200"
    assert "best" in text
    assert "≈" in text


def test_unfinished_jobs_have_a_reason(tmp_path: Path) -> None:
    make_jobs(tmp_path, ("seed=0", 0.4))
    for number in (1, 2, 3):
        folder = begin(make_run(f"seed={number}", output=tmp_path), tmp_path / str(number))
        if number == 1:
            traceback = "Traceback\n  File x\nValueError: [red]bad\x1b[31m\n\n"
            folder.error.write_text(traceback, encoding="utf-8")
    with held(folder):
        text = printed(tmp_path)
        table = read_table(tmp_path)
    assert [row["status"] for row in table] == ["finished", "failed", "unfinished", "running"]
    assert table[1]["reason"] == "ValueError: [red]bad␛[31m"
    assert "job 1 failed: ValueError: [red]bad␛[31m" in text
    assert "resume=auto" in table[2]["reason"]


def test_jobs_on_different_problems_are_not_compared(tmp_path: Path) -> None:
    make_jobs(tmp_path, ("seed=0", 0.8))
    other = make_run("stage=grpo", "seed=1", output=tmp_path)
    make_folder(other, tmp_path / "1", skill=0.4, text=" (another question)")
    printed(tmp_path)
    assert [row["mark"] for row in read_table(tmp_path)] == ["best", ""]
    assert read_table(tmp_path)[1]["behind_best"] == ""


def test_jobs_stand_in_number_order_and_repeats_are_left_out(tmp_path: Path) -> None:
    run = make_run(output=tmp_path)
    for name in ("10", "9", "0", "0.repeat1"):
        begin(run, tmp_path / name)
    assert [job.name for job in find(tmp_path)] == ["0", "9", "10"]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_intervals_are_never_cut(tmp_path: Path, width: int) -> None:
    make_jobs(tmp_path, ("seed=0 stage.num_generations=4", 0.4), ("seed=1", 0.8))
    text = printed(tmp_path, width)
    row = read_table(tmp_path)[0]
    low, high = (100 * float(row[f"after/greedy/pass@1/{end}"]) for end in ("low", "high"))
    assert f"[{low:.1f}, {high:.1f}]" in text
    low, high = (100 * float(row[f"behind_best/{end}"]) for end in ("low", "high"))
    assert f"[{low:+.1f}, {high:+.1f}]" in text
    above = text[: text.index("table:")]
    assert all(len(line) <= width for line in above.splitlines())
    assert "…" not in above


def test_a_narrow_table_breaks_no_word(tmp_path: Path) -> None:
    varied = "stage.num_generations={} reward.terms.format.weight={}"
    make_jobs(tmp_path, (varied.format(4, 0.1), 0.4), (varied.format(8, 0.2), 0.8))
    text = printed(tmp_path, 80)
    for word in ("weight", "generations", "to the best"):
        assert word in text
    row = read_table(tmp_path)[0]
    low, high = (100 * float(row[f"behind_best/{end}"]) for end in ("low", "high"))
    assert f"[{low:+.1f}, {high:+.1f}]" in text


def test_what_to_do_next_stands_once_below_the_table(tmp_path: Path) -> None:
    make_jobs(tmp_path, ("seed=0", 0.4), ("seed=1", 0.8))
    text = printed(tmp_path)
    assert text.count("next\n") == 1
    assert f"model.path=run:grpo@{tmp_path.name}/1" in text
    assert f"wandb sync {tmp_path}/*/wandb/offline-run-*" in text
    assert " -m stage" not in text


@pytest.mark.parametrize("in_a_sweep", [True, False])
def test_a_job_of_a_sweep_leaves_that_to_the_table(tmp_path: Path, in_a_sweep: bool) -> None:
    group = create_group(str(tmp_path), "grpo", "hash", 2) if in_a_sweep else tmp_path / "group"
    run = make_run(output=tmp_path)
    folder = make_folder(run, group / "0")
    file = io.StringIO()
    summary.show(run, folder, read(folder), Console(file=file, width=100))
    assert ("next\n" in file.getvalue()) is not in_a_sweep
    assert sweep_size(group) == (2 if in_a_sweep else None)


def test_a_reference_is_shown_without_its_hash(tmp_path: Path) -> None:
    run = make_run(output=tmp_path)
    for job in (0, 1):
        path = f"run:a@2026-03-01_10-00-00-0a1b2c3d/{job}@sha256:0123456789abcdef"
        begin(
            run.model_copy(update={"model": run.model.model_copy(update={"path": path})}),
            tmp_path / str(job),
        )
    assert [job.said("model.path") for job in find(tmp_path)] == [
        f"run:a@2026-03-01_10-00-00-0a1b2c3d/{job}" for job in (0, 1)
    ]


def test_numbers_in_the_table_are_whole(tmp_path: Path) -> None:
    make_jobs(tmp_path, ("seed=0", 0.4))
    printed(tmp_path)
    (row,) = read_table(tmp_path)
    assert float(row["after/greedy/pass@1"]) * 200 == round(float(row["after/greedy/pass@1"]) * 200)
    assert row["before/greedy/pass@1/n"] == "200"
    assert row["seconds"] == "191.4"


@pytest.mark.parametrize("content", [None, "not json", "[]"])
def test_a_folder_that_is_no_sweep_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "0").mkdir()
        (tmp_path / "0" / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError):
        printed(tmp_path)


@pytest.mark.parametrize(
    ("width", "interval", "headings"),
    [(120, True, "push turned round"), (80, True, "round"), (60, False, "round")],
)
def test_a_table_of_figures_is_never_cut(
    tmp_path: Path, width: int, interval: bool, headings: str
) -> None:
    figures = {
        "mean total": "0.343 [0.236, 0.450]",
        "groups without signal": "100.0 % [75.8, 100.0]",
        "rank agreement": "0.998",
        "push turned round": "0.0 % [0.0, 24.2]",
    }
    make_jobs(tmp_path, ("seed=0", 0.4), ("seed=1", 0.8))
    file = io.StringIO()
    console = Console(file=file, width=width)
    keys = {"seed": "accuracy.weight", "name": "format.weight"}
    console.print(by_figures.table(find(tmp_path), keys, lambda manifest: figures, console))
    text = file.getvalue()
    assert ("[0.0, 24.2]" in text, "[75.8, 100.0]" in text) == (interval, interval)
    assert headings in text
    assert "…" not in text
    assert all(len(line) <= width for line in text.split("\n"))
    assert interval or "in the CSV" in text


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ([{}, {"ways": "a", "judge": "b"}], []),
        ([{"ways": "a", "judge": "b"}, {"ways": "a", "judge": "b"}], []),
        ([{"ways": "a", "judge": "b"}, {"ways": "c", "judge": "b"}], ["ways"]),
        ([{"ways": "a", "judge": "b"}, {"ways": "c", "judge": "d"}], ["judge", "ways"]),
    ],
)
def test_jobs_that_were_measured_otherwise_are_said_to_be(
    tmp_path: Path, settings: list[dict[str, str]], parts: list[str]
) -> None:
    make_jobs(tmp_path, ("seed=0", 0.7), ("seed=1", 0.7))
    for number, measured in enumerate(settings):
        folder = RunFolder(tmp_path / str(number))
        read(folder).model_copy(update={"measured_with": measured}).write(folder)
    assert sweep.settings_apart(find(tmp_path)) == parts
    text = printed(tmp_path)
    assert ("measured under different settings" in text) is bool(parts)
    assert all(part in text for part in parts)


def test_a_score_of_completions_that_were_cut_off_is_marked(tmp_path: Path) -> None:
    make_jobs(tmp_path, ("seed=0", 0.7), ("seed=1", 0.7))
    folder = RunFolder(tmp_path / "1")
    whole = read(folder)
    shares = {f"after/greedy/{name}": exactly(0.25, 200) for name in ("cut_off", "empty")}
    whole.model_copy(update={"metrics": {**whole.metrics, **shares}}).write(folder)
    assert printed(tmp_path).count("budget-limited") == 1
    assert [row["after/greedy/cut_off"] for row in read_table(tmp_path)] == ["", "0.25"]
