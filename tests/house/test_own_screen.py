"""The README's screen on one's own data and reward: what it shows is what works."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from source import ROOT

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read

HEADING = "## Your own data, your own reward, read the results"
SMALL = (
    "stage.max_steps=1 stage.warmup_steps=0 stage.num_generations=2 "
    "stage.per_device_train_batch_size=4 stage.max_completion_length=16 "
    "stage.evaluation.problems=2 tracker=none hardware=cpu"
)


def _screen() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme[readme.index(HEADING) :].split("\n## ", 1)[0]


def _block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", _screen(), flags=re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def _line(stage: str) -> list[str]:
    found = re.findall(
        rf"^    python -m reasoning_lab (stage={stage} .*?)(?:\s+#.*)?$", _screen(), re.M
    )
    assert len(found) == 1
    return shlex.split(found[0])


def _run(place: Path, words: list[str]) -> None:
    path = os.pathsep.join([str(place), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "reasoning_lab", *words],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ones_own_data_and_reward_train_and_are_read(tmp_path: Path) -> None:
    shown = [json.loads(line) for line in _block("json").splitlines()]
    names = dict(zip(shown[0], shown[1], strict=True))
    question, answer = names
    rows = [{question: f"What is {n} + 3?", answer: n + 3} for n in range(60)]
    text = "".join(json.dumps(row) + "\n" for row in [*shown, *rows])
    (tmp_path / "mine.jsonl").write_text(text, encoding="utf-8")
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments/mine.py").write_text(_block("python"), encoding="utf-8")
    _run(tmp_path, [*_line("grpo"), *SMALL.split()])
    (folder,) = [RunFolder(place.parent) for place in tmp_path.glob("multirun/*/*/0/run.json")]
    assert folder.report.is_file()
    assert read(folder).name == "grpo"
    (row, *_) = folder.samples.read_text(encoding="utf-8").splitlines()
    assert {"accuracy", "format", "short"} <= json.loads(row)["parts"].keys()
    _run(tmp_path, [*_line("samples")[:1], "samples.count=2"])
