"""What a run stands on is looked at and pinned before it starts, alone and in a sweep alike."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.cli.sweep import check_jobs
from reasoning_lab.errors import ArtifactError, ConfigError
from reasoning_lab.runs import artifacts
from reasoning_lab.runs.create import create_group, sweep_pins
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import collect, read
from reasoning_lab.runs.resume import earlier_job, latest_unfinished, unfinished_sweep
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reference import replaced
from reasoning_lab.schema.run import Run

MODELS = ("model", "adapter")
STUDENT = ["stage=grpo", "name=student", "model=from_run", "tracker=none", "hardware=cpu"]


def taught(output: Path, weights: str) -> RunFolder:
    """A finished run called `taught` that made a model of these bytes."""
    run = check(compose(["stage=sft", "name=taught", "tracker=none", f"output={output}"]))
    folder = RunFolder.create(run)
    folder.model.mkdir()
    (folder.model / "model.safetensors").write_text(weights)
    made = {"model": folder.model.name}
    collect(
        run, folder, kind="model", metrics={}, artifacts=made, parents=[], started=perf_counter()
    ).write(folder)
    return folder


def student(output: Path, reference: str = "run:taught@latest", *more: str) -> Run:
    place = [f"output={output}", f"model.path={reference}", *more]
    return check(compose([*STUDENT, *place]))


def test_a_reference_is_pinned_to_one_run_and_its_content(tmp_path: Path) -> None:
    teacher = taught(tmp_path, "first")
    pinned = preflight(student(tmp_path))
    content = read(teacher).content
    assert pinned.model.path == f"run:taught@{teacher.id}@{content}"
    taught(tmp_path, "second")
    assert preflight(pinned) == pinned
    found = artifacts.resolve(pinned.model.path, MODELS, tmp_path)
    assert found.path == teacher.model
    assert found.parent is not None
    assert found.parent.content == content


@pytest.mark.parametrize("asked", ["run:taught@latest", "run:taught", "run:taught@ID", "run:PATH"])
def test_a_run_is_resumed_on_what_it_stood_on(tmp_path: Path, asked: str) -> None:
    teacher = taught(tmp_path, "first")
    run = student(tmp_path, asked.replace("ID", teacher.id).replace("PATH", str(teacher.path)))
    begun = RunFolder.create(preflight(run))
    taught(tmp_path, "second")
    assert latest_unfinished(run) == begun
    assert teacher.id in json.loads(begun.run_json.read_text())["model"]["path"]


@pytest.mark.parametrize("asked", ["run:other@latest", "embedded:tiny", "run:taught@SECOND"])
def test_a_run_on_something_else_is_not_resumed(tmp_path: Path, asked: str) -> None:
    taught(tmp_path, "first")
    RunFolder.create(preflight(student(tmp_path)))
    second = taught(tmp_path, "second")
    assert latest_unfinished(student(tmp_path, asked.replace("SECOND", second.id))) is None


def test_a_parent_that_has_changed_is_named(tmp_path: Path) -> None:
    teacher = taught(tmp_path, "first")
    pinned = preflight(student(tmp_path))
    found = artifacts.resolve(pinned.model.path, MODELS, tmp_path)
    artifacts.require_content(found, pinned.model.path)
    (teacher.model / "model.safetensors").write_text("other bytes")
    with pytest.raises(ArtifactError) as caught:
        artifacts.require_content(found, pinned.model.path)
    assert caught.value.problems[0].where == pinned.model.path
    plain = json.loads(teacher.manifest.read_text())
    teacher.manifest.write_text(json.dumps({**plain, "content": "0" * 16}))
    with pytest.raises(ConfigError) as refused:
        preflight(pinned)
    assert [problem.where for problem in refused.value.problems] == ["model.path"]


def test_a_parent_that_is_gone_is_named(tmp_path: Path) -> None:
    teacher = taught(tmp_path, "first")
    pinned = preflight(student(tmp_path))
    teacher.path.rename(tmp_path / "elsewhere")
    taught(tmp_path, "second")
    with pytest.raises(ConfigError) as refused:
        preflight(pinned)
    assert [problem.where for problem in refused.value.problems] == ["model.path"]


def test_all_jobs_of_a_sweep_stand_on_the_run_of_its_beginning(tmp_path: Path) -> None:
    teacher = taught(tmp_path, "first")
    lines = [*STUDENT, f"output={tmp_path}", "model.path=run:taught@latest", "resume=auto"]
    jobs = check_jobs([[*lines, f"seed={seed}"] for seed in (0, 1)])
    pins = [{"model.path": job.pinned.model.path} for job in jobs]
    group = create_group(str(tmp_path), "student", "abcdef01", len(jobs), pins)
    taught(tmp_path, "second")
    for number, job in enumerate(jobs):
        run = preflight(replaced(job.asked, sweep_pins(group, number)))
        assert teacher.id in run.model.path
        begun = RunFolder.create(run, parent=group, job=number)
        assert earlier_job(job.asked, group, number) == begun
    asked = [job.asked for job in jobs]
    assert unfinished_sweep(str(tmp_path), "student", "abcdef01", asked) == group


def long_rows(folder: Path) -> str:
    """A folder of rows whose questions are too long for the embedded model."""
    for split in ("train", "test"):
        questions = [f"{split} {number}: {'apples ' * 400}" for number in range(20)]
        lines = [json.dumps({"question": one, "answer": "#### 3"}) for one in questions]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
    return str(folder)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("data=gsm8k data.path=ROWS stage.evaluation.problems=10", {"data"}),
        ("data=gsm8k data.path=ROWS stage.evaluation.problems=21", {"stage.evaluation.problems"}),
        ("hardware=gpu", {"hardware"}),
        ("hardware=gpu data=gsm8k data.path=ROWS", {"hardware", "data"}),
        ("hardware=cpu peft=qlora", {"peft"}),
        ("tracker.mode=online", {"tracker.mode"}),
        ("model=from_run model.path=run:nothing@latest", {"model.path"}),
        ("reward.terms.format.fn=os:system", {"reward.terms.format.fn"}),
        ("stage=score score.path=nothing.jsonl", {"stage.path"}),
        ("stage=replay replay.path=run:nothing", {"stage.path"}),
        ("data=tiny_code reward=code data.params.families=[x]", {"data.params.families"}),
    ],
)
def test_a_sweep_refuses_what_a_run_refuses(
    line: str, where: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.chdir(tmp_path)
    words = line.replace("ROWS", long_rows(tmp_path)).split()
    with pytest.raises(ConfigError) as alone:
        preflight(check(compose(words)))
    assert {problem.where for problem in alone.value.problems} == where
    with pytest.raises(ConfigError) as swept:
        check_jobs([words, [*words, "seed=1"]])
    assert {problem.where for problem in swept.value.problems} == where
