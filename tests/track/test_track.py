import importlib.util
import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from wandb_file import read_run

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ConfigError
from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.hashing import config_hash
from reasoning_lab.runs.provenance import git_state
from reasoning_lab.schema import door
from reasoning_lab.schema.extras import how_to_install
from reasoning_lab.schema.run import Run
from reasoning_lab.track import open_tracker
from reasoning_lab.track.wandb import choose_mode

TRACK = """
import sys
from pathlib import Path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema import door
from reasoning_lab.track import open_tracker
folder = RunFolder(Path(sys.argv[1]))
run = door.load(folder.run_json)
with open_tracker(run, folder) as tracking:
    tracking.log({"heldout/greedy/pass@1": 0.25}, 0)
    for step in range(int(sys.argv[2]), int(sys.argv[3])):
        tracking.log({"train/loss": 1 / step, "train/rewards/format/mean": 0.5}, step)
    if sys.argv[3] == "4":
        raise SystemExit("stopped in the middle")
    tracking.summary({"after/greedy/pass@1": 0.75})
print(*tracking.notes(), sep="\\n")
print(tracking.paths())
"""


def make(tmp_path: Path, *overrides: str) -> RunFolder:
    """The new folder of a run that W&B tracks."""
    plain = compose([f"output={tmp_path}/runs", "name=tracked", "tracker=wandb", *overrides])
    return RunFolder.create(door.check(plain))


def track(folder: RunFolder, first: int, end: int) -> subprocess.CompletedProcess[str]:
    # As on a machine without an account; a prompt would find no terminal and fail.
    own = {"HOME": str(folder.path / "home")}
    other = {k: v for k, v in os.environ.items() if not k.startswith(("WANDB", "NETRC"))}
    return subprocess.run(
        [sys.executable, "-c", TRACK, str(folder.path), str(first), str(end)],
        env={**other, **own},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_offline_run_holds_everything_and_goes_on_under_its_id(tmp_path):
    folder = make(tmp_path, "tracker.tags=[mine]")
    run = door.load(folder.run_json)
    assert track(folder, 1, 4).returncode == 1
    checkpoint = folder.checkpoints / "checkpoint-2"
    checkpoint.mkdir(parents=True)
    (checkpoint / COMPLETE).touch()
    done = track(folder, 3, 6)
    assert done.returncode == 0, done.stderr
    first, second = sorted(folder.wandb.glob("offline-run-*"))
    before, after = read_run(first), read_run(second)
    assert before["id"] == after["id"] == folder.tracker_id.read_text().strip()
    assert before["exit"] == 1
    assert after["exit"] == 0
    assert after["group"] == folder.group
    assert after["name"] == f"tracked {folder.id}"
    assert after["job_type"] == "grpo"
    assert {"grpo", "tiny", "mine"} <= set(after["tags"])
    config = after["config"]
    assert {key: config[key] for key in run.model_dump(mode="json")} == run.model_dump(mode="json")
    assert config["config_hash"] == config_hash(run)
    git = git_state()
    assert config["git"] == (git.model_dump() if git else None)
    assert [row["step"] for row in before["history"]] == [0, 1, 2, 3]
    assert [row["step"] for row in after["history"]] == [3, 4, 5]
    assert after["history"][0]["train/loss"] == 1 / 3
    assert after["history"][0]["train/rewards/format/mean"] == 0.5
    assert after["summary"]["after/greedy/pass@1"] == 0.75
    assert [row.step for row in read_metrics(folder.metrics)] == [0, 1, 2, 3, 4, 5]
    assert f"wandb/{second.name}" in done.stdout
    assert done.stderr == ""


KEY = {"WANDB_API_KEY": "k"}


@pytest.mark.parametrize(
    ("wanted", "environment", "line", "mode"),
    [
        ("auto", {}, "", "offline"),
        ("auto", KEY, "", "online"),
        ("auto", {**KEY, "WANDB_MODE": "offline"}, "", "offline"),
        ("auto", {}, "machine api.wandb.ai", "online"),
        ("auto", {}, "machine example.com", "offline"),
        ("auto", {}, "not a netrc file", "offline"),
        ("auto", {"WANDB_BASE_URL": "https://w.example.com"}, "machine w.example.com", "online"),
        ("offline", KEY, "", "offline"),
        ("online", KEY, "", "online"),
        ("online", {}, "", None),  # refused, rather than asked for
    ],
)
def test_online_only_with_a_key(monkeypatch, tmp_path, wanted, environment, line, mode):
    for key in [key for key in os.environ if key.startswith("WANDB")]:
        monkeypatch.delenv(key)
    for key, value in {"NETRC": str(tmp_path / "netrc"), **environment}.items():
        monkeypatch.setenv(key, value)
    (tmp_path / "netrc").write_text(f"{line} login user password k" if line else "")
    refused = pytest.raises(ConfigError, match="needs a W&B key")
    with nullcontext() if mode else refused:
        assert choose_mode(wanted) == mode


@pytest.mark.parametrize("kind", ["trackio", "tensorboard"])
def test_a_tracker_that_is_not_installed_names_its_extra(tmp_path, kind):
    if importlib.util.find_spec(kind):
        pytest.skip(f"{kind} is installed")
    # Another machine's door may have let it pass.
    plain = compose([f"output={tmp_path}/runs", f"tracker={kind}"])
    run = Run.model_validate_json(json.dumps(plain))
    folder = RunFolder.create(run)
    with pytest.raises(ConfigError, match=re.escape(how_to_install(kind))):
        open_tracker(run, folder)
    assert not folder.metrics.exists()


def test_only_the_first_of_several_processes_writes(monkeypatch, tmp_path):
    monkeypatch.setenv("RANK", "1")
    folder = make(tmp_path)
    with open_tracker(door.load(folder.run_json), folder) as tracking:
        tracking.log({"train/loss": 1.0}, 1)
        tracking.rewind(0)
        tracking.summary({"x": 1.0})
        assert (tracking.paths(), tracking.notes()) == ({}, [])
    assert [path.name for path in folder.path.iterdir()] == ["run.json"]
