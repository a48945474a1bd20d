"""Commands worth trying after a run, typed so that they work from the same place."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from reasoning_lab.report.run.warnings import learned
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.words import path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.data import Mixture, Procedural, Rows
from reasoning_lab.schema.peft import NoAdapter
from reasoning_lab.schema.run import Run

Step = tuple[str, str]
# What stands in `conf/data`, which is not read again for this; a test compares the two.
PRESETS: dict[str, dict[str, Any]] = {
    "chain_sum": {"min_terms": 4, "max_terms": 6, "min_digits": 1, "max_digits": 1},
    "tiny_code": {"tests": 6, "families": None},
}
"""Parameters of the procedural choices that have some, which a command need not name."""

EMBEDDED = ("tiny", "tiny_student")

TAUGHT = (
    " 'data.params.families=[linear,square,digits,total,scale]'"
    " stage.evaluation.max_completion_length=128"
)
"""Of tiny_code what fits into the tiny model, with room for whole programs: experiments/LOG.md."""

PROGRAMS = ("tiny_code", "humaneval", "mbpp", "kodcode", "taco")
"""Data whose answers are programs."""

TEST_SETS = ("humaneval",)
"""Data of which none is trained on unless it is asked for; all of them programs."""

_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_MEANT = ("null", "true", "false", "nan", "inf")  # words that are no text on a command line


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Pairs of (what it does, command), three or four, most useful first."""
    steps = {"grpo": _after_grpo, "sft": _after_sft}.get(manifest.stage, _after_evaluate)
    found = steps(run, manifest)
    return [(what, f"{program('python')} -m reasoning_lab {rest}") for what, rest in found]


def sync(folder: RunFolder, manifest: Manifest) -> list[Step]:
    """The command that sends an offline W&B run to the server; empty where there is none."""
    place = manifest.artifacts.get("wandb")
    if place is None or "offline-run" not in place:
        return []
    last = folder.path / place
    # A resumed run has one folder more each time, all with its id; they are sent together.
    parts = sorted({last, *last.parent.glob(f"offline-run-*-{last.name.rpartition('-')[2]}")})
    sent = " ".join(shlex.quote(path(part)) for part in parts)
    return [("send the offline run to W&B", f"{program('wandb')} sync {sent}")]


def sync_all(sweep_folder: Path, manifests: Sequence[Manifest]) -> list[Step]:
    """The command that sends the offline W&B runs of all jobs; empty where there are none."""
    if not any("offline-run" in one.artifacts.get("wandb", "") for one in manifests):
        return []
    places = f"{shlex.quote(path(sweep_folder))}/*/wandb/offline-run-*"
    return [("send the offline runs to W&B", f"{program('wandb')} sync {places}")]


def print_steps(steps: Sequence[Step], console: Console) -> None:
    """Print commands unbroken and outside of any panel, so that they can be copied."""
    console.print(Text("next", style="bold"))
    for what, command in steps:
        console.print(Text(f"  {what}:", style="dim"))
        console.print(Text(f"    {clean(command)}", style="cyan"), soft_wrap=True)


def program(name: str) -> str:
    """How to type `name` of this Python's environment: bare when the shell finds the same one.

    `.venv/bin/python` where the environment is not activated.
    """
    here = Path(sys.executable).parent / name
    found = shutil.which(name)
    if found is not None and os.path.realpath(Path(found).parent) == os.path.realpath(here.parent):
        return name
    return path(here)


def _after_grpo(run: Run, manifest: Manifest) -> list[Step]:
    same = f"stage=grpo reward={run.reward.name}{_model(run, manifest)}{_data(run)}{_peft(run)}"
    return [
        ("a sweep with a table", f"-m {same} stage.num_generations=4,8 seed=0,1"),
        ("measure what came out", f"stage=evaluate{_made_here(run, manifest)}{_data(run)}"),
        *_by_worked_answers(run, manifest),
        _real_model(),
    ]


def _after_sft(run: Run, manifest: Manifest) -> list[Step]:
    made = _made_here(run, manifest)
    reinforced = f"stage=grpo{_reward(run)}{made}{_data(run)}"
    first = ("reinforce what came out", reinforced)
    if learned(manifest) and run.model.scratch is None:
        # Where nearly every answer is right, groups have one reward for all: nothing to reinforce.
        begun = f"stage=grpo{_reward(run)}{_model(run, manifest)}{_data(run)}"
        first = ("the same beginning, taught by reinforcement instead", begun)
    return [
        first,
        ("measure what came out", f"stage=evaluate{made}{_data(run)}"),
        _real_model(),
    ]


def _after_evaluate(run: Run, manifest: Manifest) -> list[Step]:
    what, rows = "train the same model", _data(run)
    if isinstance(run.data, Rows) and run.data.train_split is None:
        what, rows = "train the same model on data that is no test set", " data=tiny_code"
    train = f"stage=grpo{_reward(run)}{_model(run, manifest)}{rows}"
    return [
        (what, train),
        *_compared(run),
        _real_model(),
    ]


def _compared(run: Run) -> list[Step]:
    """The embedded models side by side, where it was one of them that could be measured."""
    if run.model.name not in EMBEDDED or Path(run.model.path).expanduser().is_dir():
        return []
    compared = f"-m stage=evaluate model={','.join(EMBEDDED)}{_data(run)}"
    return [("compare models in a table", compared)]


def _by_worked_answers(run: Run, manifest: Manifest) -> list[Step]:
    """Fine-tuning from where this run began; some tasks of reasoning-gym have no gold answer."""
    if isinstance(run.data, Procedural) and run.data.name not in PRESETS:
        return []
    same = f"stage=sft{_model(run, manifest)}{_data(run)}"
    if isinstance(run.data, Procedural) and run.data.task == "tiny_code":
        tiny = run.model.name == "tiny" and run.data.params.get("families") is None
        same += TAUGHT if tiny else ""
    return [("the same beginning, taught by worked answers instead", same)]


def _real_model() -> Step:
    return "a real model (a GPU, the hub)", "experiment=gsm8k_qwen"


def _made_here(run: Run, manifest: Manifest) -> str:
    """The choice of what this run made, by its id: another run may be the latest one by then."""
    return f" model=from_run model.path=run:{run.name}@{manifest.id}{_output(run)}"


def _model(run: Run, manifest: Manifest) -> str:
    """The choice of the model that this run began with."""
    if run.model.name != "from_run":
        named = "" if run.model.name == "tiny" else f" model={run.model.name}"
        where = run.model.path
        folder = Path(where).expanduser().is_dir()
        return named + (f" model.path={shlex.quote(where)}" if folder else "")
    reference = run.model.path
    if manifest.parents and reference.endswith("@latest"):
        reference = f"{reference.removesuffix('latest')}{manifest.parents[0].id}"
    return f" model=from_run model.path={shlex.quote(reference)}{_output(run)}"


def _output(run: Run) -> str:
    """The folder of all runs: `run:` references are looked up there."""
    return "" if run.output == "multirun" else f" output={shlex.quote(run.output)}"


def _data(run: Run) -> str:
    """The choice of the same data; a mixture is for fine-tuning alone, so then the default."""
    data = run.data
    if isinstance(data, Mixture):
        return ""
    if isinstance(data, Procedural):
        preset = PRESETS.get(data.name, {})
        named = f" data={data.name}" if preset else f" data=reasoning_gym data.task={data.task}"
        named = "" if data.name == "chain_sum" else named
        changed = {key: value for key, value in data.params.items() if preset.get(key) != value}
        return named + "".join(
            f" {shlex.quote(f'{added}data.params.{key}={_spelled(value)}')}"
            for key, value in changed.items()
            for added in ("" if key in preset else "+",)
        )
    place = f" data.path={shlex.quote(data.path)}" if data.path else ""
    # A test set that was trained on all the same.
    split = " data.train_split=test" if data.name in TEST_SETS and data.train_split else ""
    return f" data={data.name}{place}{split}"


def _spelled(value: Any) -> str:
    """A value as the command line reads it; Python's own spelling of a list needs quotes in quotes.

    >>> _spelled(["linear", "a b"]), _spelled(None), _spelled(True), _spelled(3)
    ('[linear,"a b"]', 'null', 'true', '3')
    """
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_spelled, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_spelled(each)}' for key, each in value.items())}}}"
    if isinstance(value, str) and _WORD.fullmatch(value) and value.lower() not in _MEANT:
        return value
    return json.dumps(value, ensure_ascii=False)


def _peft(run: Run) -> str:
    if isinstance(run.peft, NoAdapter):
        return ""
    return f" peft={run.peft.kind} peft.r={run.peft.r}"


def _reward(run: Run) -> str:
    if run.data.name in PROGRAMS:
        return " reward=code"
    other_task = isinstance(run.data, Procedural) and run.data.name != "chain_sum"
    return " reward=scorer" if other_task else " reward=math"
