"""`stage=probe` in a process of its own: what it tells of the tiny model, and what it leaves."""

import json
from pathlib import Path

import pytest
from small_run import lab

from reasoning_lab.records.probe import read_probe
from reasoning_lab.records.rollout import read_rollouts
from reasoning_lab.report.verbs.probe import generations
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.statistics.signal import signal_share
from reasoning_lab.training.early_signal import STEPS, EarlySignal

TRIED = "stage=probe hardware=cpu stage.problems=12 stage.samples=8 stage.batch_size=96".split()


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, str]:
    output = tmp_path_factory.mktemp("probe")
    done = lab(*TRIED, f"output={output}")
    assert done.returncode == 0, done.stdout + done.stderr
    (manifest,) = output.glob("probe/*/*/manifest.json")
    return RunFolder(manifest.parent), done.stdout


@pytest.mark.slow
def test_its_figures_are_those_of_what_it_stored(probed: tuple[RunFolder, str]) -> None:
    folder, said = probed
    metrics, found = read(folder).metrics, read_probe(folder.path)
    assert len(found.problems) == 12
    assert all(len(one.paid) == one.judged == 8 for one in found.problems)
    rate = sum(one.correct for one in found.problems) / 96
    assert metrics["probe/pass@1"].value == pytest.approx(rate)
    assert 0.1 < rate < 0.8  # the tiny model knows some of these sums, and not all
    paid = [[one for one in problem.paid if one is not None] for problem in found.problems]
    assert metrics["probe/signal/8"] == signal_share(paid, 8)
    assert "probe/signal/16" not in metrics
    stored = list(read_rollouts(folder.samples))
    assert [(one.id, one.total) for one in stored] == [
        (problem.id, total) for problem in found.problems for total in problem.paid
    ]
    assert f"stage.num_generations={generations(read(folder))}" in said
    assert metrics["perf/training_seconds"].value > 0


@pytest.mark.slow
def test_the_same_probe_finds_the_same(probed: tuple[RunFolder, str], tmp_path: Path) -> None:
    done = lab(*TRIED, "stage.batch_size=40", f"output={tmp_path}")
    assert done.returncode == 0, done.stderr
    (again,) = tmp_path.glob("probe/*/*/probe.json")
    assert json.loads(again.read_bytes()) == json.loads((probed[0].path / again.name).read_bytes())


@pytest.mark.slow
def test_a_form_that_is_never_used_is_told_with_its_cure(tmp_path: Path) -> None:
    asked = "Spell the word 'so' and nothing else. Do not use tags."
    done = lab(
        *TRIED, "model=tiny_scratch", "model.scratch.tokenizer=embedded:tiny",
        f"model.system_prompt={asked!r}", "stage.max_completion_length=8", f"output={tmp_path}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (manifest,) = tmp_path.glob("probe/*/*/manifest.json")
    metrics = read(RunFolder(manifest.parent)).metrics
    assert metrics["probe/ever_right"].value == 0
    assert metrics["probe/signal/8"].value == 0
    assert metrics["probe/signal/8"].high is not None
    assert metrics["probe/signal/8"].high > 0.1
    assert "Hardly" in done.stdout


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("stage.samples=3", "stage.samples"),
        ("stage.max_completion_length=0", "stage.max_completion_length"),
        ("data=tiny_base", "data"),
        ("peft=lora", "peft"),
        ("hardware.num_processes=2", "hardware.num_processes"),
    ],
)
def test_what_cannot_be_probed_is_refused(change: str, where: str, tmp_path: Path) -> None:
    done = lab("stage=probe", change, f"output={tmp_path}")
    assert done.returncode == 2
    assert where in done.stderr
    assert not list(tmp_path.iterdir())


SILENT = {"train/frac_reward_zero_std": 1.0, "train/verdict/unparsable": 0.9}


def test_first_steps_without_a_signal_are_told_once() -> None:
    watch = EarlySignal()
    said = [watch(SILENT) for _ in range(STEPS + 3)]
    assert [bool(one) for one in said] == [False] * (STEPS - 1) + [True] + [False] * 3
    assert "model.system_prompt" in said[STEPS - 1]


@pytest.mark.parametrize("first_step", [0, 7])
def test_a_run_that_learns_or_goes_on_is_not_talked_to(first_step: int) -> None:
    watch = EarlySignal(first_step)
    quiet = {**SILENT, "train/frac_reward_zero_std": 0.0 if first_step == 0 else 1.0}
    assert not any(watch(quiet) for _ in range(STEPS + 1))
    assert not watch({"train/loss": 1.0})
