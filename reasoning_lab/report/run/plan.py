"""The plan: what a run will do, said before anything heavy is imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.run import tool_plan
from reasoning_lab.report.run.estimate import (
    completions_per_step,
    cores,
    estimate_seconds,
    why_unknown,
)
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.words import count, duration, path, plain, steps, titled
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.gpu import accelerator
from reasoning_lab.schema.data import Data, Mixture, Procedural, Rows
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model
from reasoning_lab.schema.peft import Lora, Peft
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.sft import Sft
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.schema.tracker import Tracker

TAUGHT = ("system_prompt", "chat_template", "max_length", "max_completion_length")
"""Settings of a model that it answers otherwise without, having been trained under them."""
NUMBERS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
"""One name for each type of number, be it of weights or of arithmetic."""


def show(run: Run, folder: RunFolder, console: Console, held_out: int | None = None) -> None:
    """Print the plan of `run`, whose results will stand in `folder`.

    `held_out` is how many problems the data hold out, where more is known than is configured.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in _rows(run, folder, held_out):
        table.add_row(label, Text(clean(text)))
    title = Text(f"plan: {titled(run.stage.kind, run.name)}")
    console.print(Panel(table, title=title, title_align="left", expand=False))


def _rows(run: Run, folder: RunFolder, held_out: int | None) -> Iterator[tuple[str, str]]:
    if not isinstance(run.stage, Measuring):
        reward = _reward(run.reward) if "reward" in run.stage.reads else ""
        data = _attacked(run, run.stage) if isinstance(run.stage, Audit) else ""
        yield from tool_plan.rows(run, reward, data, path(folder.path))
        return
    held_out = held_out or run.data.heldout_size
    yield "model", _model(run.model, Path(run.output))
    if otherwise := _trained_otherwise(run):
        yield "note", otherwise
    yield "device", _device(run)
    yield "data", _data(run.data, held_out)
    yield "stage", _stage(run)
    if isinstance(run.stage, Reinforcing):
        yield "reward", _reward(run.reward)
    if isinstance(run.stage, Training):
        yield "trained", _peft(run.peft)
    yield "measured", _measured(run.stage, held_out)
    yield "tracker", _tracker(run.tracker)
    yield "results", path(folder.path)
    if isinstance(run.stage, Training) and folder.resume_step() >= 0:
        yield "continues", f"at step {folder.resume_step():,} of {run.stage.max_steps:,}"
    yield "time", _time(run)
    yield "seed", str(run.seed)
    if isinstance(run.stage, Training):
        often = "step" if run.stage.save_steps == 1 else steps(run.stage.save_steps)
        yield (
            "stop",
            (
                f"Ctrl-C: finishes the step and saves a checkpoint (one is also kept every "
                f"{often}); the same command with resume=auto continues"
            ),
        )


def _model(model: Model, output: Path) -> str:
    source = "random weights" if model.scratch is not None else model.path
    if source.startswith("run:"):
        # `@latest` may mean another run than the reader thinks.
        made_by = resolve(source, ("model", "adapter"), output).parent
        source += f" = {path(Path(made_by.path))}" if made_by else ""
    revision = f" at {model.revision}" if model.revision else ""
    return f"{model.name} · {source}{revision} · {count(model.parameters)} weights"


def _trained_otherwise(run: Run) -> str:
    """The settings under which an earlier run trained this model, where they differ from these."""
    if not run.model.path.startswith("run:"):
        return ""
    made_by = resolve(run.model.path, ("model", "adapter"), Path(run.output)).parent
    place = RunFolder(Path(made_by.path)).run_json if made_by else None
    if place is None or not place.is_file():
        return ""
    earlier = json.loads(place.read_bytes()).get("model", {})
    now = run.model.model_dump(mode="json")
    differing = [f"{key}={earlier[key]}" for key in TAUGHT if earlier.get(key) != now[key]]
    if not differing:
        return ""
    return f"it was trained with {', '.join(f'model.{one}' for one in differing)}; here it is not"


def _device(run: Run) -> str:
    hardware = run.hardware
    wanted: str = run.model.dtype if run.model.dtype != "auto" else hardware.precision
    numbers = NUMBERS.get(wanted, wanted)
    shared = hardware.num_processes > 1
    processes = f" · {hardware.num_processes} processes ({hardware.strategy})" if shared else ""
    if not _on_cpu(hardware):
        device = "a GPU, if torch can use it" if hardware.device == "auto" else hardware.device
        return f"{device} · {numbers}{processes}"
    threads = cores(run)
    numbers = "float32" if numbers == "auto" else numbers
    return f"cpu · {numbers} · {threads} thread{'s' if threads > 1 else ''}{processes}"


def _on_cpu(hardware: Hardware) -> bool:
    return hardware.device == "cpu" or (hardware.device == "auto" and not accelerator())


def _data(data: Data, held_out: int | None) -> str:
    return f"{_source(data)} · {_training(data)}, {_number(held_out)} held out"


def _training(data: Data) -> str:
    if isinstance(data, Rows) and data.train_split is None:
        return "a test set"
    return f"{_number(data.train_size)} training problems"


def _number(size: int | None) -> str:
    return "all" if size is None else f"{size:,}"


def _attacked(run: Run, audit: Audit) -> str:
    """The data of an audit: what is made or read of it, none of it held out."""
    data = audit.few(run.data)
    if isinstance(data, Procedural):
        return f"{_source(data)} · {data.train_size:,} problems made to choose from"
    return f"{_source(data)} · {_training(data)} to choose from"


def _source(data: Data) -> str:
    if isinstance(data, Procedural):
        source = data.task if data.task == data.name else f"task {data.task}"
    elif isinstance(data, Mixture):
        source = "tasks " + ", ".join(sorted({part.task for part in data.parts.values()}))
    else:
        source = str(data.path or data.hub)
    return data.name if source == data.name else f"{data.name} · {source}"


def _stage(run: Run) -> str:
    stage = run.stage
    if not isinstance(stage, Training):
        return f"{stage.kind} · nothing is trained"
    rows = completions_per_step(stage, run.hardware.num_processes)
    rate = f"learning rate {stage.learning_rate:g} ({stage.lr_scheduler_type})"
    did = f"{stage.kind} · {steps(stage.max_steps)} of"
    if isinstance(stage, Reinforcing):
        return (
            f"{did} {plain(rows / stage.num_generations)} prompts x "
            f"{stage.num_generations} generations, at most {stage.max_completion_length:,} tokens "
            f"each · {rate}"
        )
    longest = cast(Sft, stage).max_length
    return f"{did} {rows:,} rows, at most {longest:,} tokens each · {rate}"


def _reward(reward: Reward) -> str:
    terms = []
    for name, term in reward.terms.items():
        gate = f" if {term.gate} paid" if term.gate else ""
        weight = f"{term.weight:g} x " if term.weight else "measured only: "
        terms.append(f"{weight}{name}{gate}")
    return f"{reward.name} · " + " + ".join(terms)


def _peft(peft: Peft) -> str:
    if not isinstance(peft, Lora):
        return "all weights"
    targets = ", ".join(peft.target_modules)
    sizes = f"r={peft.r}, alpha={peft.alpha:g}, dropout={peft.dropout:g}"
    return f"{peft.kind} adapter · {sizes} on {targets}"


def _measured(stage: Measuring, held_out: int | None) -> str:
    evaluation: Evaluation = stage.evaluation
    whole = evaluation.measured(held_out)
    samples = "one sample" if evaluation.samples == 1 else f"{evaluation.samples} samples"
    how = (
        f"{_number(whole)} held-out problems, greedy and {samples} at temperature "
        f"{evaluation.temperature:g}"
    )
    if not isinstance(stage, Training):
        return how
    if evaluation.every:
        often = "step" if evaluation.every == 1 else steps(evaluation.every)
        most = "at most " if whole is None else ""
        during = f"{most}{evaluation.measured_during(held_out):,} every {often}"
        return f"{how}, before and after; {during}"
    return f"{how}, before and after"


def _tracker(tracker: Tracker) -> str:
    always = "metrics.jsonl always"
    if tracker.kind == "none":
        return always
    mode = " (online with a key, else offline)" if tracker.mode == "auto" else f" ({tracker.mode})"
    return f"{tracker.kind}{mode if tracker.kind == 'wandb' else ''}, {always}"


def _time(run: Run) -> str:
    seconds = estimate_seconds(run)
    if seconds is None:
        return f"unknown here: {why_unknown(run)}"
    return f"about {duration(_rounded(seconds))}"


def _rounded(seconds: float) -> float:
    """To 10 seconds below 5 minutes, to whole minutes above: the estimate knows no more."""
    unit = 10 if seconds < 300 else 60
    return max(unit, unit * round(seconds / unit))
