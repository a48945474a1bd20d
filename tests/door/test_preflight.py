"""What a run stands on is looked at and pinned before it starts, alone and in a sweep alike."""

import json
import shutil
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from gsm8k_rows import rows

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.cli.sweep import check_jobs
from reasoning_lab.errors import ArtifactError, ConfigError, Problem
from reasoning_lab.records.rollout import Rollout, write_rollouts
from reasoning_lab.runs import artifacts
from reasoning_lab.runs.create import create_group, sweep_pins
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import collect, read
from reasoning_lab.runs.resume import earlier_job, unfinished, unfinished_sweeps
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reference import replaced
from reasoning_lab.schema.run import Run
from reasoning_lab.worker import run_folder

MODELS = ("model", "adapter")
STUDENT = ["stage=grpo", "name=student", "model=from_run", "tracker=none", "hardware=cpu"]


def taught(output: Path, weights: str, *more: str) -> RunFolder:
    """A finished run called `taught` that made a model of these bytes."""
    run = check(compose(["stage=sft", "name=taught", "tracker=none", f"output={output}", *more]))
    folder = RunFolder.create(run)
    folder.model.mkdir()
    (folder.model / "model.safetensors").write_text(weights)
    made = {"model": folder.model.name}
    collect(
        run, folder, kind="model", metrics={}, artifacts=made, parents=[], started=perf_counter()
    ).write(folder)
    return folder


def refused(run: Run) -> list[Problem]:
    """What keeps a run from being started."""
    with pytest.raises(ConfigError) as caught:
        preflight(run)
    return list(caught.value.problems)


def student(output: Path, reference: str = "run:taught@latest", *more: str) -> Run:
    place = [f"output={output}", f"model.path={reference}", *more]
    return check(compose([*STUDENT, *place]))


def test_a_reference_is_pinned_to_one_run_and_its_content(tmp_path: Path) -> None:
    teacher = taught(tmp_path, "first")
    pinned = preflight(student(tmp_path))
    content = read(teacher).content
    assert pinned.model.path == f"run:taught@{teacher.id}@sha256:{content}"
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
    assert unfinished(run) == [begun]
    assert teacher.id in json.loads(begun.run_json.read_text())["model"]["path"]


def test_folders_that_hold_an_at_sign_are_told_apart(tmp_path: Path) -> None:
    teachers = [taught(tmp_path / f"x@{number}", str(number)) for number in (1, 2)]
    first, second = (student(tmp_path, f"'run:{teacher.path}'") for teacher in teachers)
    begun = RunFolder.create(preflight(first))
    assert unfinished(first) == [begun]
    assert unfinished(second) == []


@pytest.mark.parametrize("asked", ["run:other@latest", "embedded:tiny", "run:taught@SECOND"])
def test_a_run_on_something_else_is_not_resumed(tmp_path: Path, asked: str) -> None:
    taught(tmp_path, "first")
    RunFolder.create(preflight(student(tmp_path)))
    second = taught(tmp_path, "second")
    assert unfinished(student(tmp_path, asked.replace("SECOND", second.id))) == []


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
    assert [problem.where for problem in refused(pinned)] == ["model.path"]


def test_a_parent_that_is_gone_is_named(tmp_path: Path) -> None:
    teacher = taught(tmp_path, "first")
    pinned = preflight(student(tmp_path))
    teacher.path.rename(tmp_path / "elsewhere")
    taught(tmp_path, "second", "seed=1")
    (problem,) = refused(pinned)
    assert problem.where == "model.path"
    assert "resume=never" in problem.cure


def test_the_worker_takes_no_reference_that_may_change_its_meaning(tmp_path: Path) -> None:
    taught(tmp_path, "first")
    folder = RunFolder.create(student(tmp_path))
    assert run_folder(folder, no_stage) == 2
    assert not folder.finished


def no_stage(kind: str) -> Any:
    raise AssertionError(f"{kind} must not be loaded")


def stored(output: Path, text: str = "x") -> RunFolder:
    """A finished run with one stored completion, whose weights are gone by now."""
    teacher = taught(output, "first")
    one = Rollout(
        step=1, id="1", question="q", gold="1", text=text, tokens=1, finish="stop", parts={},
        total=1.0,
    )  # fmt: skip
    write_rollouts(teacher.samples, [one])
    shutil.rmtree(teacher.model)
    return teacher


def viewing(output: Path, path: str) -> Run:
    return check(compose(["stage=samples", f"output={output}", f"stage.path='{path}'"]))


@pytest.mark.parametrize("asked", ["run:taught@latest", "run:FOLDER", "FOLDER", "."])
def test_stored_completions_are_pinned_without_the_weights(
    tmp_path: Path, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = stored(tmp_path / "runs")
    monkeypatch.chdir(teacher.path)
    run = viewing(tmp_path / "runs", asked.replace("FOLDER", str(teacher.path)))
    pinned = preflight(run)
    assert "@sha256:" in pinned.model_dump()["stage"]["path"]
    assert preflight(pinned) == pinned
    begun = RunFolder.create(pinned)
    assert unfinished(run) == [begun]


def test_other_completions_than_those_pinned_are_refused(tmp_path: Path) -> None:
    teacher = stored(tmp_path)
    pinned = preflight(viewing(tmp_path, "run:taught@latest"))
    teacher.samples.write_text(teacher.samples.read_text().replace('"x"', '"y"'))
    assert [problem.where for problem in refused(pinned)] == ["stage.path"]


def test_what_still_runs_is_read_as_it_is(tmp_path: Path) -> None:
    teacher = stored(tmp_path)
    teacher.manifest.unlink()
    run = viewing(tmp_path, str(teacher.path))
    assert preflight(run) == run


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
    assert unfinished_sweeps(str(tmp_path), "student", "abcdef01", asked) == [group]


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("data=gsm8k data.path=ROWS stage.evaluation.problems=10", {"data"}),
        ("data=gsm8k data.path=ROWS stage.evaluation.problems=21", {"stage.evaluation.problems"}),
        ("hardware=gpu", {"hardware"}),
        ("hardware=gpu data=gsm8k data.path=ROWS", {"hardware", "data"}),
        ("hardware.device=mps peft=qlora", {"peft"}),
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
    words = line.replace("ROWS", str(rows(tmp_path, 400))).split()
    with pytest.raises(ConfigError) as alone:
        preflight(check(compose(words)))
    assert {problem.where for problem in alone.value.problems} == where
    with pytest.raises(ConfigError) as swept:
        check_jobs([words, [*words, "seed=1"]])
    assert {problem.where for problem in swept.value.problems} == where
