"""A GRPO run with stored completions, made by the lab's own parts without a model: a seeded
generator writes the answers, the reward and the rollouts are the real ones."""

import json
import random
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console

from reasoning_lab import data
from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.records.rollout import RolloutFile
from reasoning_lab.report.run import summary
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.trl import TrlReward
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.schema.door import check
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.grpo import Grpo
from reasoning_lab.text.example import Example

SIZES = ["data.train_size=12", "data.heldout_size=5", "tracker=none", "hardware=cpu"]
EOS = 0


@dataclass
class State:
    """What the reward asks of the trainer's state."""

    global_step: int


def make_run(*overrides: str, output: Path) -> Run:
    return check(compose([*SIZES, *overrides, f"output={output}"]))


def train(
    output: Path, *overrides: str, steps: int = 6, finished: bool = True, part: int = 10**6
) -> RunFolder:
    """A folder as `stage=grpo` leaves it after `steps` steps of 3 groups of 4."""
    run = make_run("stage=grpo", "stage.num_generations=4", *overrides, output=output)
    assert isinstance(run.stage, Grpo)
    folder = RunFolder.create(run)
    examples = data.load(run.data).train
    reward = TrlReward(
        Composer(run.reward),
        examples,
        eos_ids=[EOS],
        on_batch=RolloutFile(folder.samples, -1, part=part).append,
        group_size=4,
        scale=run.stage.scale_rewards,
    )
    rng = random.Random(run.seed)
    for step in range(steps):
        index = [row for row in rng.sample(range(len(examples)), 3) for _ in range(4)]
        texts = [_write(rng, examples[row]) for row in index]
        ids = [[5] * rng.randint(1, 30) + [EOS] * (rng.random() < 0.9) for _ in index]
        reward(
            completions=texts, completion_ids=ids, example_index=index, trainer_state=State(step)
        )
    if finished:
        folder.model.mkdir()
        collect(
            run,
            folder,
            kind="model",
            metrics={},
            artifacts={"model": "model"},
            parents=[],
            started=process_start(),
        ).write(folder)
    return folder


def again(
    stage: ModuleType, output: Path, *overrides: str, parent: Path | None = None, job: int = 0
) -> tuple[Run, RunFolder, Manifest]:
    """A finished run of a stage that reads what is stored in `output`."""
    kind = stage.__name__.rpartition(".")[2]
    run = preflight(make_run(f"stage={kind}", *overrides, output=output))
    folder = RunFolder.create(run, parent=parent, job=job)
    manifest = stage.run(run, folder)
    manifest.write(folder)
    return run, folder, manifest


def shown(width: int, run: Run, folder: RunFolder, manifest: Manifest) -> str:
    """Its summary."""
    console = Console(width=width, record=True, file=StringIO())
    summary.show(run, folder, manifest, console)
    return console.export_text()


def stored(folder: RunFolder) -> list[dict[str, Any]]:
    """The stored completions, as they are written."""
    return [json.loads(line) for line in folder.samples.read_text("utf-8").split("\n") if line]


def store(folder: RunFolder, rows: list[dict[str, Any]]) -> None:
    """Store others."""
    folder.samples.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _write(rng: random.Random, example: Example) -> str:
    given = example.answer if rng.random() < 0.5 else str(rng.randint(-9, 9))
    answer = f"<answer>{given}</answer>"
    if rng.random() < 0.1:
        return "no idea"
    return f"<think>\nlet me see\n</think>\n{answer}" if rng.random() < 0.5 else answer
