"""What a suggested run is given: the model, the data and the reward that follow from a run."""

import shlex
from collections.abc import Mapping

from reasoning_lab.report.run.command import Values, command, spelled
from reasoning_lab.report.run.composed import Tree, choice, default_run, defaults, resolved
from reasoning_lab.report.run.results import evaluation_of
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.vocabulary import choices

Step = tuple[str, str]
"""What a command does, and the command."""
Suggestion = tuple[str, str | None]
Group = Mapping[str, Values | str]

REAL_MODEL: Step = ("a real model (a GPU, the hub)", "experiment=gsm8k_qwen")

FAMILIES = ["linear", "square", "digits", "total", "scale"]
ROOM = "stage.evaluation.max_completion_length=128"
"""Kinds of function of which the rows fit an embedded model, and the room that whole programs need:
experiments/LOG.md, 28 November 2026."""


def only_accepted(*found: Suggestion) -> list[Step]:
    """The suggestions that the door accepts."""
    return [(what, line) for what, line in found if line is not None]


def made_here(run: Run, manifest: Manifest) -> Group:
    """The model that a run made, by its id: another run may be the latest one by then."""
    own = {"name": "from_run", "path": f"run:{run.name}@{manifest.id}"}
    made = {**run.model.model_dump(mode="json"), **own, "revision": None, "scratch": None}
    return {"model": made}


def measured_alike(run: Run) -> str:
    """How held-out programs were run, where that is not as usual: words for a measurement."""
    usual = resolved(default_run("evaluate"), "stage.evaluation")
    said = evaluation_of(run).model_dump(mode="json")
    changed = (name for name in ("isolation", "modules") if said[name] != usual[name])
    words = (f"stage.evaluation.{name}={spelled(said[name])}" for name in changed)
    return "".join(f" {shlex.quote(word)}" for word in words)


def same_data(run: Run) -> Group:
    """The same data; a mixture is for fine-tuning alone, so then the default."""
    data = run.data.model_dump(mode="json")
    return {} if data["kind"] == "mixture" else {"data": data}


def similar_data(run: Run) -> Group:
    """Data like those of a run, but made on the fly, so that there is something to train on."""
    wanted = asks_for_programs(run.data.model_dump())
    made = {name: data for name, data in _every("data") if data["kind"] == "procedural"}
    return {"data": next(n for n, data in made.items() if asks_for_programs(data) == wanted)}


def same(run: Run, *groups: str) -> Group:
    """The same values of groups that the run's verb reads."""
    return {group: getattr(run, group).model_dump(mode="json") for group in groups}


def fitting_reward(run: Run) -> Group:
    """The choice that judges the answers to a run's data, whatever reward the run was given."""
    data = run.data.model_dump()
    if asks_for_programs(data):
        return {"reward": "code"}
    usual = choice("data", defaults()["data"])
    other = data["kind"] == "procedural" and data["task"] != usual["task"]
    return {"reward": "scorer" if other else defaults()["reward"]}


def by_worked_answers(run: Run) -> Suggestion:
    """Fine-tuning from where a run began; some tasks of reasoning-gym have no gold answer."""
    wanted, more = {**same(run, "model", "peft", "hardware"), **same_data(run)}, ""
    data = run.data.model_dump(mode="json")
    if _is_embedded(run.model.path) and data.get("params", {}).get("families", ...) is None:
        wanted["data"] = {**data, "params": {**data["params"], "families": FAMILIES}}
        more = f" {ROOM}"
    line = command("sft", wanted, output=run.output) if has_answers(data) else None
    return "the same beginning, taught by worked answers instead", line and line + more


def compared(run: Run) -> Suggestion:
    """The embedded models side by side, where it was one of them that was measured."""
    embedded = [name for name, model in _every("model") if _is_embedded(model["path"])]
    line = command(
        "evaluate", same_data(run), output=run.output, swept=f"model={','.join(embedded)}"
    )
    return "compare models in a table", line if _is_embedded(run.model.path) else None


def is_test_set(data: Values) -> bool:
    """Whether none of the data is trained on."""
    return data.get("train_split", "") is None


def asks_for_programs(data: Values) -> bool:
    """Whether the answers are programs."""
    return bool(data.get("example_task", data.get("task")) == "code")


def has_answers(data: Values) -> bool:
    """Whether each problem has a gold answer: rows have, and tasks with a choice of their own."""
    # The name of a choice for any task follows the task.
    tasks = [one.get("task") for _, one in _every("data") if "${" not in str(one["name"])]
    return data["kind"] != "procedural" or data["task"] in tasks


def _every(group: str) -> list[tuple[str, Tree]]:
    return [(name, choice(group, name)) for name in choices(group)]


def _is_embedded(path: str) -> bool:
    return path.startswith("embedded:")
