"""Lines of a plan that verbs share: each function gives the lines of one matter."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from reasoning_lab.records.answer import GREEDY
from reasoning_lab.report.run.estimate import cores, estimate_seconds, why_unknown
from reasoning_lab.report.run.results import evaluation_of
from reasoning_lab.report.text.words import count, counted, duration, path
from reasoning_lab.runs.artifacts import resolve, split_content
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.gpu import accelerator
from reasoning_lab.runs.source import find
from reasoning_lab.schema.data import Data, Mixture, Procedural, Rows
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.peft import Lora
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.stored import ReadsStored
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.way import Way

Labelled = tuple[str, str]
"""A label and a text."""

TAUGHT = ("system_prompt", "chat_template", "max_length", "max_completion_length")
"""Settings of a model that it answers otherwise without, having been trained under them."""
NUMBERS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
"""One name for each type of number, be it of weights or of arithmetic."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A run to be, its folder, and how many problems are counted as held out (None: not)."""

    run: Run
    folder: RunFolder
    counted: int | None

    @property
    def held_out(self) -> int | None:
        """Problems that the data hold out, where that is known."""
        return self.counted or self.run.data.heldout_size


Lines = Callable[[Planned], Iterator[Labelled]]


def model(planned: Planned) -> Iterator[Labelled]:
    """What is loaded or built, and what an earlier run knew of it otherwise."""
    run, chosen = planned.run, planned.run.model
    origin = "random weights" if chosen.scratch is not None else chosen.path
    if origin.startswith("run:"):
        made_by = resolve(origin, ("model", "adapter"), Path(run.output)).parent
        # The hash of its content is for machines; the folder is where one looks.
        origin = split_content(origin)[0] + (f" = {path(Path(made_by.path))}" if made_by else "")
    revision = f" at {chosen.revision}" if chosen.revision else ""
    yield "model", f"{chosen.name} · {origin}{revision} · {count(chosen.parameters)} weights"
    if otherwise := _trained_otherwise(run):
        yield "note", otherwise


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


def device(planned: Planned) -> Iterator[Labelled]:
    """What computes, in which numbers, in how many processes."""
    run, hardware = planned.run, planned.run.hardware
    wanted: str = run.model.dtype if run.model.dtype != "auto" else hardware.precision
    numbers = NUMBERS.get(wanted, wanted)
    shared = hardware.num_processes > 1
    processes = f" · {hardware.num_processes} processes ({hardware.strategy})" if shared else ""
    where = "a GPU, if torch can use it" if hardware.device == "auto" else hardware.device
    if _on_cpu(hardware):
        threads = cores(run)
        numbers = "float32" if numbers == "auto" else numbers
        where, numbers = "cpu", f"{numbers} · {counted(threads, 'thread')}"
    yield "device", f"{where} · {numbers}{processes}"


def _on_cpu(hardware: Hardware) -> bool:
    return hardware.device == "cpu" or (hardware.device == "auto" and not accelerator())


def data(planned: Planned) -> Iterator[Labelled]:
    """Where the problems come from, how many are trained on and how many held out."""
    found = planned.run.data
    held_out = f"{_number(planned.held_out)} held out"
    yield "data", f"{source(found)} · {training_part(found)}, {held_out}"


def training_part(data: Data) -> str:
    """How many problems are to train on."""
    if isinstance(data, Rows) and data.train_split is None:
        return "a test set"
    return _problems(data.train_size, "training problem")


def asked_part(few: Data) -> Iterator[Labelled]:
    """The data of a verb that asks the training part alone; `few` are those that it makes."""
    yield "data", f"{source(few)} · {training_part(few)}"


def _number(size: int | None) -> str:
    return "all" if size is None else f"{size:,}"


def _problems(size: int | None, noun: str) -> str:
    return f"all {noun}s" if size is None else counted(size, noun)


def source(data: Data) -> str:
    """The name of the data and what they are made of."""
    if isinstance(data, Procedural):
        made_of = data.task if data.task == data.name else f"task {data.task}"
    elif isinstance(data, Mixture):
        made_of = "tasks " + ", ".join(sorted({part.task for part in data.parts.values()}))
    elif isinstance(data, Rows):
        made_of = str(data.path or data.hub)
    else:
        made_of = split_content(data.path)[0]
    return data.name if made_of == data.name else f"{data.name} · {made_of}"


def stored(planned: Planned) -> Iterator[Labelled]:
    """Whose completions are read, and where these lie."""
    asked = str(cast(ReadsStored, planned.run.stage).path)
    folder = path(find(asked, Path(planned.run.output)).folder.path)
    named = split_content(asked)[0]
    place = "" if named in (folder, f"run:{folder}") else f" = {folder}"
    yield "reads", f"the stored completions of {named}{place}"


def reward(planned: Planned) -> Iterator[Labelled]:
    """The terms with their weights and gates."""
    terms = []
    for name, term in planned.run.reward.terms.items():
        gate = f" if {term.gate} paid" if term.gate else ""
        weight = f"{term.weight:g} x " if term.weight else "measured only: "
        terms.append(f"{weight}{name}{gate}")
    yield "reward", f"{planned.run.reward.name} · " + " + ".join(terms)


def trained(planned: Planned) -> Iterator[Labelled]:
    """All weights, or an adapter."""
    peft = planned.run.peft
    if not isinstance(peft, Lora):
        yield "trained", "all weights"
        return
    sizes = f"r={peft.r}, alpha={peft.alpha:g}, dropout={peft.dropout:g}"
    yield "trained", f"{peft.kind} adapter · {sizes} on {', '.join(peft.target_modules)}"


def measured(planned: Planned) -> Iterator[Labelled]:
    """How many problems are measured, how, and how often."""
    evaluation = evaluation_of(planned.run)
    whole = evaluation.measured(planned.held_out)
    problems = _problems(whole, "held-out problem")
    ways = [_way(name, way) for name, way in evaluation.ways.items()]
    how = f"{problems}, {' and '.join([', '.join(ways[:-1]), ways[-1]] if ways[1:] else ways)}"
    if isinstance(planned.run.stage, Training):
        how += ", before and after"
        if evaluation.every:
            often = "step" if evaluation.every == 1 else counted(evaluation.every, "step")
            most = "at most " if whole is None else ""
            how += f"; {most}{evaluation.measured_during(planned.held_out):,} every {often}"
    yield "measured", how


def _way(name: str, way: Way) -> str:
    """`greedy`, `one sample at temperature 1`; other ways by their name with what is their own."""
    samples = "one sample" if way.samples == 1 else f"{way.samples} samples"
    drawn = "" if way.is_greedy else f"{samples} at temperature {way.temperature:g}"
    asked = "" if way.mode is None else f"asked with /{way.mode}"
    most = (
        "" if way.max_completion_length is None else f"at most {way.max_completion_length} tokens"
    )
    own = ", ".join(one for one in (drawn, asked, most) if one)
    plain = not (asked or most)
    if plain and name in (GREEDY, "sampled"):
        return own or name
    return f"{name} ({own})" if own else name


def tracker(planned: Planned) -> Iterator[Labelled]:
    """Where the metrics go."""
    chosen, always = planned.run.tracker, "metrics.jsonl always"
    mode = "online with a key, else offline" if chosen.mode == "auto" else chosen.mode
    said = f"{chosen.kind} ({mode})" if chosen.kind == "wandb" else chosen.kind
    yield "tracker", always if chosen.kind == "none" else f"{said}, {always}"


def results(planned: Planned) -> Iterator[Labelled]:
    """The run's folder."""
    yield "results", path(planned.folder.path)


def seed(planned: Planned) -> Iterator[Labelled]:
    """The run's seed."""
    yield "seed", str(planned.run.seed)


def time(planned: Planned) -> Iterator[Labelled]:
    """How long it should take, or what that would depend on."""
    seconds = estimate_seconds(planned.run)
    unknown = f"unknown here: {why_unknown(planned.run)}"
    yield "time", unknown if seconds is None else f"about {duration(_rounded(seconds))}"


def _rounded(seconds: float) -> float:
    """To 10 seconds below 5 minutes, to whole minutes above: the estimate knows no more."""
    unit = 10 if seconds < 300 else 60
    return max(unit, unit * round(seconds / unit))
