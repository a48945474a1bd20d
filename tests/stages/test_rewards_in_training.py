"""Composed rewards in whole runs of the tiny model: every part logged, a broken one stops it."""

import json
import shutil
from pathlib import Path

import pytest
from small_run import SMALL, lab

pytestmark = pytest.mark.slow

USER_REWARDS = Path(__file__).resolve().parents[1] / "rewards" / "user_rewards.py"
GRPO = (
    "stage=grpo output=out stage.max_steps=2 stage.warmup_steps=0 stage.evaluation.problems=4 "
    "stage.evaluation.problems_during=2 stage.evaluation.every=0"
).split()
ADDED = ["tag_count", "reasoning_steps", "length_cosine", "length_group", "repetition", "mode"]


def test_r1_and_other_terms_log_every_part(tmp_path: Path) -> None:
    adds = [f"+reward/term@reward.terms.{name}={name}" for name in ADDED]
    overlong = ["+reward/term@reward.terms.soft_overlong=soft_overlong"]
    done = lab(*SMALL, *GRPO, "reward=r1", *adds, *overlong, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = tmp_path.glob("out/small/*/0")
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    trained = [row for row in rows if "train/loss" in row]
    assert [row["step"] for row in trained] == [1, 2]
    judged = {"accuracy", "format", "language", "soft_overlong", *ADDED} - {"mode"}
    for row in trained:
        for name in judged - {"language"}:  # sums alone are in no language
            for what in ("mean", "std", "share_paid"):
                assert f"train/rewards/{name}/{what}" in row
        assert sum(value for key, value in row.items() if "/verdict/" in key) == pytest.approx(1)
        assert "train/rewards/mode/mean" not in row, "no prompt asks for a mode"
    records = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    assert [(r["step"], r["group"]) for r in records] == [
        (step, group) for step in (1, 2) for group in (0, 1) for _ in range(4)
    ]
    for record in records:
        assert record["parts"].keys() == judged | {"mode"}
        assert record["parts"]["mode"] is None
        assert record["task"] == "math"
        assert record["reason"]
        assert isinstance(record["advantage"], float)
    for group in {(r["step"], r["group"]) for r in records}:
        some = [r["advantage"] for r in records if (r["step"], r["group"]) == group]
        assert sum(some) == pytest.approx(0, abs=1e-6)


def test_a_broken_group_reward_stops_with_status_2_and_claims_nothing(tmp_path: Path) -> None:
    (tmp_path / "experiments").mkdir()
    shutil.copy(USER_REWARDS, tmp_path / "experiments" / "mine.py")
    own = ["+reward/term@reward.terms.mine=own", "reward.terms.mine.fn=experiments.mine:too_few"]
    done = lab(*SMALL, *GRPO, *own, cwd=tmp_path)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2, said
    assert "reward.terms.mine" in said
    assert "returned 1 values for a group of 4" in said
    assert "<answer>" in said, "the completion is shown"
    assert "Traceback" not in said
    assert not list(tmp_path.glob("out/small/*/*/manifest.json"))
    assert not list(tmp_path.glob("out/small/*/*/model"))
