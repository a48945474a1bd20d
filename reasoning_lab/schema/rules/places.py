"""Rules about names and places outside the configuration: files, folders, tasks, functions.

Everything here only looks.
"""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.extras import how_to_install
from reasoning_lab.schema.functions import look
from reasoning_lab.schema.kinds import check_kind
from reasoning_lab.schema.messages import shown
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.schema.rules.table import rule
from reasoning_lab.schema.suggest import did_you_mean

PACKAGE = Path(__file__).resolve().parents[2]
EMBEDDED = PACKAGE / "model" / "assets"
TEMPLATES = PACKAGE / "model" / "templates"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "tekken.json")


@rule("model.path", "model.scratch")
def model_is_there(path: str, scratch: Any) -> Iterator[Problem]:
    """An embedded model has a name we ship; a local folder exists and holds a tokenizer."""
    if scratch is not None or path.startswith("run:"):
        return
    if path.startswith("embedded:"):
        yield from _embedded(path)
    elif is_local(path):
        yield from _model_folder(path, Path(path).expanduser())


@rule("model.chat_template")
def template_is_known(name: str | None) -> Iterator[Problem]:
    """A chat template is one of the lab's own, by name."""
    known = [path.stem for path in TEMPLATES.glob("*.jinja")]
    if name is not None and name not in known:
        what = f"no template is called {name!r}"
        yield Problem("model.chat_template", what, did_you_mean(name, known))


@rule("data.path", "data.kind")
def rows_are_there(path: str | None, kind: str) -> Iterator[Problem]:
    """A local data set exists; of those that runs made preflight finds the run."""
    if kind == "from_run":
        return
    if path is not None and path.startswith(PREFIX):
        what = f"{path} names a run, and data={kind} reads files"
        yield Problem("data.path", what, f"use data=from_run data.path={path}")
    elif path is not None and not Path(path).expanduser().exists():
        yield _absent("data.path", path)


@rule("data.task", "data.params")
def task_is_known(task: str, params: Mapping[str, Any]) -> Iterator[Problem]:
    """A task of reasoning-gym or the lab, and fields of its own config."""
    yield from _task("data", task, params)


@rule("data.task", "data.example_task")
def rows_are_of_their_task(task: str, example_task: str) -> Iterator[Problem]:
    """What the lab's own task makes is known; reasoning-gym writes no tests for programs."""
    key, own = "data.example_task", OWN_TASKS.get(task)
    if own is not None and own.row_task != example_task:
        what = f"the task {task} makes rows of task {own.row_task}, not {example_task}"
        yield Problem(key, what, f"use data={task}")
    elif own is None and example_task == "code" and task in gym_lock()["tasks"]:
        what = f"the task {task} writes no tests, so its rows are not of task code"
        yield Problem(key, what, f"use data=reasoning_gym data.task={task}")


@rule("data.parts")
def parts_are_known(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """The same for each ingredient of a mixture."""
    for name, part in parts.items():
        yield from _task(f"data.parts.{name}", part["task"], part["params"])


@rule("reward.terms")
def functions_exist(terms: Mapping[str, Any]) -> Iterator[Problem]:
    """A reward function of the lab stands where its `fn` says."""
    for name, term in terms.items():
        yield from look(f"reward.terms.{name}.fn", term["fn"])


@rule("data.reader")
def reader_exists(reader: str) -> Iterator[Problem]:
    """A row reader of the lab stands where it is said to."""
    yield from look("data.reader", reader)


@rule("output")
def output_is_writable(output: str) -> Iterator[Problem]:
    """The nearest existing folder on the way to `output` takes a new folder."""
    wanted = Path(output).expanduser().absolute()
    nearest = next(place for place in (wanted, *wanted.parents) if place.exists())
    if not nearest.is_dir():
        yield Problem("output", f"{nearest} is a file, not a folder", "use output=FOLDER")
    elif not os.access(nearest, os.W_OK | os.X_OK):
        cure = "use output=FOLDER, a folder of your own"
        yield Problem("output", f"cannot write to {nearest}", cure)


@rule("hardware.strategy", "tracker.kind")
def extras_are_installed(strategy: str, tracker: str) -> Iterator[Problem]:
    """Choices that need a package which not everybody installs."""
    needed = (
        ("hardware", "zero3", strategy, "deepspeed", "cluster"),
        ("tracker", "trackio", tracker, "trackio", "trackio"),
        ("tracker", "tensorboard", tracker, "tensorboard", "tensorboard"),
    )
    for group, name, chosen, package, extra in needed:
        if chosen == name and find_spec(package) is None:
            what = f"{name} needs the package {package}, which is not installed"
            yield Problem(group, what, how_to_install(extra))


def is_local(path: str) -> bool:
    """Whether `model.path` means a folder here rather than an id on the hub."""
    return path.startswith((".", "/", "~")) or path.count("/") > 1 or Path(path).is_dir()


def _embedded(path: str) -> Iterator[Problem]:
    name = path.removeprefix("embedded:")
    shipped = sorted(p.name for p in EMBEDDED.glob("*") if (p / "config.json").is_file())
    if shipped and name not in shipped:  # with none at all the package itself is broken
        cure = did_you_mean(name, shipped)
        yield Problem("model.path", f"no embedded model is called {name!r}", cure)


def _model_folder(given: str, folder: Path) -> Iterator[Problem]:
    if not folder.exists():
        yield _absent("model.path", given)
    elif not folder.is_dir():
        yield Problem("model.path", f"{folder} is a file", "give the folder of a saved model")
    elif (folder / "run.json").is_file():
        cure = f"use model.path=run:{folder}"
        yield Problem("model.path", f"{folder} is a run, not a model", cure)
    elif (folder / "model" / "config.json").is_file():
        yield Problem("model.path", f"{folder} is no model", f"use model.path={given}/model")
    elif any(folder.glob("*/*/run.json")):
        here = "" if folder.parent.name == "multirun" else f" output={folder.parent}"
        cure = f"use model=from_run model.path=run:{folder.name}@latest{here}"
        yield Problem("model.path", f"{folder} holds runs and is not a model", cure)
    elif not any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
        what = f"{folder} holds no config.json, so it is not a saved model"
        yield Problem("model.path", what, "give the folder that save_pretrained() wrote")
    elif not any((folder / name).is_file() for name in TOKENIZER_FILES):
        what = f"{folder} holds a model but no tokenizer ({', '.join(TOKENIZER_FILES[:3])})"
        yield Problem("model.path", what, "save the tokenizer there: tokenizer.save_pretrained()")


def _absent(key: str, given: str) -> Problem:
    """The problem of a path that is not there: how far it exists, and near names beside it."""
    path = Path(given).expanduser().absolute()
    nearest = next(p for p in path.parents if p.exists())
    inside = [p.name for p in nearest.iterdir()] if nearest.is_dir() else []
    missing = path.relative_to(nearest).parts[0]
    cure = did_you_mean(missing, inside)
    rest = f"; {cure}" if "mean" in cure else f", {missing} does not"
    return Problem(key, f"{given} does not exist", f"{nearest} exists{rest}")


@cache
def gym_lock() -> dict[str, dict[str, dict[str, Any]]]:
    """reasoning-gym's tasks (a generated lock).

    `tasks`: the fields of each one's config with the kinds of value they take; `pairs`: the
    defaults of the fields that come as `min_x` and `max_x`.
    """
    text = (PACKAGE / "schema" / "gym_tasks.json").read_text(encoding="utf-8")
    lock: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    return lock


def _task(key: str, task: str, params: Mapping[str, Any]) -> Iterator[Problem]:
    own = {name: one.params for name, one in OWN_TASKS.items()}
    known = {**gym_lock()["tasks"], **own}
    if task not in known:
        cure = did_you_mean(task, known)
        yield Problem(f"{key}.task", f"reasoning-gym has no task {task!r}", cure)
        return
    fitting = {}
    for name, value in params.items():
        if name in ("seed", "size"):
            owner = "data.seed" if name == "seed" else "data.train_size and data.heldout_size"
            yield Problem(f"{key}.params.{name}", f"is set by the lab from {owner}", f"use {owner}")
        elif name not in known[task]:
            what = f"the task {task} has no field {name!r}"
            yield Problem(f"{key}.params.{name}", what, did_you_mean(str(name), known[task]))
        elif wrong := check_kind(f"{key}.params.{name}", known[task][name], value):
            yield from wrong
        else:
            fitting[name] = value
    yield from _pairs(key, gym_lock()["pairs"].get(task, {}), fitting)


def _pairs(key: str, defaults: Mapping[str, float], given: Mapping[str, Any]) -> Iterator[Problem]:
    """A `min_x` over its `max_x`, be the other one given or the task's own."""
    values = {**defaults, **given}
    for low in defaults:
        high = f"max_{low.removeprefix('min_')}"
        if not low.startswith("min_") or not {low, high} & given.keys():
            continue
        if all(isinstance(values[n], (int, float)) for n in (low, high)) and (
            values[low] > values[high]
        ):
            wrong, other = (low, high) if low in given else (high, low)
            plus = "" if other in given else "+"
            what = f"{wrong}={shown(values[wrong])}, but {other}={shown(values[other])}"
            cure = f"use {plus}{key}.params.{other}={shown(values[wrong])}, or change {wrong}"
            yield Problem(f"{key}.params.{wrong}", what, cure)
