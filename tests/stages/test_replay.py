"""Replay pays stored completions again: as trained nothing changes, else what arithmetic says."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from small_run import lab, python
from stored_run import again, make_run, shown, store, stored, train

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ArtifactError, ConfigError, DataError, LabError
from reasoning_lab.records.rollout import part_files
from reasoning_lab.replaying.doubts import bounds_then
from reasoning_lab.report.sweep import table as sweep
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.reward import Reward
from reasoning_lab.stages import replay

FREE = ["reward.terms.format.gate=null", "reward.terms.format.weight=0.5"]


def _replay(output: Path, *overrides: str, **place: Any) -> tuple[RunFolder, Manifest]:
    return again(replay, output, *overrides, **place)[1:]


def _rewards(folder: RunFolder) -> list[dict[str, str]]:
    with (folder.path / "rewards.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_the_same_reward_gives_what_is_stored_to_the_last_bit(tmp_path: Path, scale: str) -> None:
    source = train(tmp_path, f"stage.scale_rewards={scale}", part=6_000)
    assert part_files(source.samples)
    folder, manifest = _replay(tmp_path)
    rows = _rewards(folder)
    assert len(rows) == 6 * 12
    for row in rows:
        assert row["total_before"] == row["total_after"]
        assert row["advantage_before"] == row["advantage_after"]
        assert row["verdict_before"] == row["verdict_after"]
    assert any(float(row["advantage_after"]) for row in rows)
    assert manifest.notes == ["all totals and advantages of the 72 completions came out as stored"]
    assert manifest.metrics["advantage/agreement"].value == pytest.approx(1)
    assert manifest.metrics["gain/total"].value == 0
    assert [one.id for one in manifest.parents] == [source.id]
    assert (folder.path / "changed.jsonl").read_text() == ""


def test_another_reward_pays_what_arithmetic_says(tmp_path: Path) -> None:
    rollouts = stored(train(tmp_path))
    folder, manifest = _replay(tmp_path, *FREE)
    expected = [one["parts"]["accuracy"] + 0.5 * one["parts"]["format"] for one in rollouts]
    rows = _rewards(folder)
    assert [float(row["total_after"]) for row in rows] == pytest.approx(expected)
    assert [float(row["total_before"]) for row in rows] == [one["total"] for one in rollouts]
    groups = [expected[start : start + 4] for start in range(0, len(expected), 4)]
    silent = sum(len(set(group)) == 1 for group in groups) / len(groups)
    metrics = manifest.metrics
    assert metrics["after/without_signal"].value == pytest.approx(silent)
    assert metrics["after/total"].value == pytest.approx(sum(expected) / len(expected))
    assert metrics["after/total"].n == metrics["groups"].value == 18
    assert metrics["before/verdict/correct"] == metrics["after/verdict/correct"]
    with (folder.path / "curve.csv").open(newline="") as file:
        curve = list(csv.DictReader(file))
    assert [row["step"] for row in curve] == [str(step) for step in range(1, 7)]
    assert float(curve[0]["total_after"]) == pytest.approx(sum(expected[:12]) / 12)
    changed = [
        json.loads(line) for line in (folder.path / "changed.jsonl").read_text().split("\n")[:-1]
    ]
    moved = [abs(one["total"] - one["before"]["total"]) for one in changed]
    assert moved == sorted(moved, reverse=True)
    assert moved[0] == pytest.approx(
        max(abs(a - b["total"]) for a, b in zip(expected, rollouts, strict=True))
    )


def test_weight_zero_loses_the_signal_of_format(tmp_path: Path) -> None:
    train(tmp_path, *FREE)
    _, manifest = _replay(tmp_path, "reward.terms.format.weight=0")
    metrics = manifest.metrics
    assert metrics["after/without_signal"].value > metrics["before/without_signal"].value
    assert metrics["advantage/lost"].value > 0
    assert metrics["before/term/format"] == metrics["after/term/format"]


def test_a_term_whose_code_has_changed_is_named(tmp_path: Path) -> None:
    source = train(tmp_path)
    rows = stored(source)
    rows[3]["parts"]["format"] = 0.25
    store(source, rows)
    _, manifest = _replay(tmp_path, *FREE)
    assert manifest.notes == [
        "format: another value than in training for 1 of 72 completions, with the same settings: "
        "its code, or that of a term it reads, has changed since"
    ]


def test_a_stopped_run_is_read_by_its_folder_and_not_by_its_name(tmp_path: Path) -> None:
    source = train(tmp_path, finished=False)
    with source.samples.open("a", encoding="utf-8") as file:
        row = stored(source)[-1]
        file.write(json.dumps(row | {"step": 7}) + "\n" + '{"step": 7, "te')
    with pytest.raises(ConfigError, match="no run of this name did finish"):
        _replay(tmp_path)
    _, manifest = _replay(tmp_path, f"replay.path={source.path}")
    assert manifest.metrics["completions"].value == 72
    assert "did not finish" in manifest.notes[0]
    assert manifest.notes[1].startswith("left out: 1 group ")


def _without(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.pop(key)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (_without("group"), ArtifactError, "does not say which group"),
        (_without("gold"), ArtifactError, "has no gold"),
        (lambda row: row.update(id="elsewhere"), DataError, "not in the run's data any more"),
        (lambda row: row.update(gold="1000"), DataError, "is another problem now"),
    ],
)
def test_what_cannot_be_judged_again_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], error: type[LabError], said: str
) -> None:
    source = train(tmp_path)
    rows = stored(source)
    for row in rows:
        change(row)
    store(source, rows)
    with pytest.raises(error, match=said):
        _replay(tmp_path)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("run:gpro@latest", "did you mean grpo"),
        ("nowhere", "does not exist"),
        ("null", "names no run"),
        ("{output}/grpo", "did you mean .*/0"),
    ],
)
def test_a_wrong_path_is_told_before_anything_starts(tmp_path: Path, path: str, said: str) -> None:
    train(tmp_path)
    with pytest.raises(ConfigError, match=r"stage\.path: .*" + said):
        _replay(tmp_path, f"replay.path={path.format(output=tmp_path)}")


def test_a_run_without_completions_is_told(tmp_path: Path) -> None:
    folder = RunFolder.create(make_run("stage=sft", output=tmp_path))
    with pytest.raises(ConfigError, match="no stored completions: it trained without a reward"):
        _replay(tmp_path, f"replay.path={folder.path}")


def test_a_sweep_shows_the_figures_side_by_side(tmp_path: Path) -> None:
    train(tmp_path)
    parent = tmp_path / "replay" / "sweep"
    parent.mkdir(parents=True)
    for job, weight in enumerate(("0", "0.5")):
        _replay(tmp_path, f"reward.terms.format.weight={weight}", parent=parent, job=job)
    console = Console(width=120, record=True, file=StringIO())
    sweep.table(parent, console)
    shown = " ".join(console.export_text().split())
    for words in ("mean total", "groups without signal", "rank agreement", "push turned round"):
        assert words in shown
    assert "best" not in shown
    with (parent / "table.csv").open(newline="") as file:
        values = [float(row["after/total"]) for row in csv.DictReader(file)]
    assert values[0] < values[1]


def test_what_never_varies_is_called_constant(tmp_path: Path) -> None:
    train(tmp_path)
    more = ["+reward/term@reward.terms.soft_overlong=soft_overlong"]
    view = again(replay, tmp_path, *more)
    manifest = view[2]
    never = manifest.metrics["after/term/soft_overlong"]
    assert (never.value, never.low, never.high) == (0.0, None, None)
    assert manifest.metrics["after/term/accuracy"].low is not None
    assert "0.000 constant" in shown(120, *view)


def test_intervals_of_few_groups_stay_within_what_can_be_paid(tmp_path: Path) -> None:
    train(tmp_path, steps=1)
    _, manifest = _replay(tmp_path, *FREE)
    possible = {
        "before/total": (0.0, 1.1),
        "after/total": (0.0, 1.5),
        "gain/total": (-1.1, 1.5),
        "gain/verdict/correct": (-1.0, 1.0),
        "after/term/format": (0.0, 1.0),
    }
    reached = 0
    for name, (least, greatest) in possible.items():
        found = manifest.metrics[name]
        if found.low is not None and found.high is not None:
            assert least - 1e-9 <= found.low <= found.value <= found.high <= greatest + 1e-9
            ends = (found.low == pytest.approx(least), found.high == pytest.approx(greatest))
            reached += any(ends)
    assert reached


def test_what_a_total_could_be_in_training_is_told_by_its_own_weights() -> None:
    now = Reward.model_validate(compose(["stage=replay", "reward=math", *FREE])["reward"])
    before = compose(["reward=math"])["reward"]
    ranges = {"accuracy": (0.0, 1.0), "format": (0.0, 1.0), "total": (0.0, 1.5)}
    whole = (0.0, pytest.approx(1.1))
    assert bounds_then(ranges, before, now) == {**ranges, "total": whole}
    changed = {**before["terms"], "format": {**before["terms"]["format"], "params": {"other": 1}}}
    then = bounds_then(ranges, {**before, "terms": changed}, now)
    assert then == {"accuracy": (0.0, 1.0)}


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_fits(tmp_path: Path, width: int) -> None:
    train(tmp_path)
    text = shown(width, *again(replay, tmp_path, *FREE))
    assert max(map(len, text.splitlines())) <= width
    for words in ("format.weight 0.1 → 0.5", "as trained", "rank agreement", "changed most"):
        assert words in text


def test_no_torch_is_loaded() -> None:
    program = """
import sys
from reasoning_lab.stages import load
load("replay"), load("samples")
heavy = {"torch", "transformers", "trl", "datasets", "sympy"} & sys.modules.keys()
sys.exit(f"loaded {heavy}" if heavy else 0)
"""
    done = python(program)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_real_training_is_reproduced_exactly(tmp_path: Path) -> None:
    sizes = (
        "stage=grpo name=small tracker=none hardware=cpu data.train_size=40 data.heldout_size=10 "
        "stage.max_steps=3 stage.warmup_steps=1 stage.per_device_train_batch_size=8 "
        "stage.num_generations=4 stage.max_completion_length=40 stage.evaluation.problems=4 "
        "stage.evaluation.every=0"
    )
    for arguments in (sizes, "stage=replay replay.path=run:small@latest"):
        done = lab(*arguments.split(), f"output={tmp_path}")
        assert done.returncode == 0, done.stderr
    (manifest,) = tmp_path.glob("replay/*/0/manifest.json")
    found = Manifest.model_validate_json(manifest.read_bytes())
    assert found.notes == ["all totals and advantages of the 24 completions came out as stored"]
