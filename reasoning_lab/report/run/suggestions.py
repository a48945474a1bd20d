"""What a suggested run is given: the model, the data and the reward that follow from a run."""

from typing import Any, cast

from reasoning_lab.report.run.command import Values, command
from reasoning_lab.report.run.composed import Tree, choice, defaults
from reasoning_lab.report.run.results import evaluation_of
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.own_tasks import OWN_TASKS, TINY_CODE
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.vocabulary import choices

Step = tuple[str, str]
"""What a command does, and the command."""
Suggestion = tuple[str, str | None]
Wanted = dict[str, Any]
"""What a command is to compose; see `command.command`."""

REAL_MODEL: Step = ("a real model (a GPU, the hub)", "experiment=gsm8k_qwen")

FAMILIES = ["linear", "square", "digits", "total", "scale"]
ROOM = 128
"""Kinds of function of which the rows fit an embedded model, and the room in tokens that whole
programs need: experiments/LOG.md, 28 November 2026."""
ORDER = ("reward", "model", "data", "peft", "hardware", "engine", "tracker")
"""Groups in the order in which a command names them."""
SEEDS = 2**31


def only_accepted(*found: Suggestion) -> list[Step]:
    """The suggestions that the door accepts."""
    return [(what, line) for what, line in found if line is not None]


def alike(run: Run, verb: str) -> Wanted:
    """What a run of `verb` has in common with `run`: the groups that both read, how it measures,
    its seed and its place; of the same verb all settings.
    """
    both = [group for group in ORDER if group in VERBS[verb].reads & run.stage.reading()]
    found: Wanted = {group: getattr(run, group).model_dump(mode="json") for group in both}
    found |= {"stage": run.stage.model_dump(mode="json"), "seed": run.seed, "output": run.output}
    if verb == run.stage.kind:
        return {**found, "name": run.name}
    measured = evaluation_of(run).model_dump(mode="json")
    del measured["every"]  # a matter of how long the other verb trains
    found["stage"] = {"evaluation": measured}
    return _without_mixture(found)


def other_data(wanted: Wanted, data: Values | str) -> Wanted:
    """The same on other data, of which the first's number of problems says nothing."""
    evaluation = dict(wanted["stage"]["evaluation"])
    evaluation.pop("problems", None)
    return {**wanted, "data": data, "stage": {**wanted["stage"], "evaluation": evaluation}}


def made_here(run: Run, manifest: Manifest) -> Wanted:
    """The model that a run made, by its id: another run may be the latest one by then."""
    own = {"name": "from_run", "path": f"run:{run.name}@{manifest.id}"}
    made = {**run.model.model_dump(mode="json"), **own, "revision": None, "scratch": None}
    return {"model": made}


def swept_groups(run: Run) -> dict[str, list[int]]:
    """Sizes of groups next to a run's, and seeds: what a small sweep varies."""
    stage, seed = cast(Reinforcing, run.stage), run.seed
    size = Batch.of(stage, run.hardware.num_processes)
    beside = [n for n in size.nearest_groups() if n > 1][:1]
    groups = sorted([*beside, stage.num_generations])
    seeds = [seed, seed + 1] if seed + 1 < SEEDS else [seed - 1, seed]
    return {**({"stage.num_generations": groups} if beside else {}), "seed": seeds}


def similar_data(run: Run) -> str:
    """Data like those of a run, but made on the fly, so that there is something to train on."""
    return TINY_CODE if asks_for_programs(run.data.model_dump()) else str(defaults()["data"])


def fitting_reward(run: Run) -> Wanted:
    """The choice that judges the answers to a run's data, whatever reward the run was given."""
    data = run.data.model_dump()
    if asks_for_programs(data):
        return {"reward": "code"}
    usual = choice("data", defaults()["data"])
    known = (usual["task"], *OWN_TASKS)  # judged by their answers; others by reasoning-gym's scorer
    other = data["kind"] == "procedural" and data["task"] not in known
    return {"reward": "scorer" if other else defaults()["reward"]}


def by_worked_answers(run: Run) -> Suggestion:
    """Fine-tuning from where a run began; some tasks of reasoning-gym have no gold answer."""
    wanted, data = alike(run, "sft"), run.data.model_dump(mode="json")
    if _is_embedded(run.model.path) and data.get("params", {}).get("families", ...) is None:
        wanted["data"] = {**data, "params": {**data["params"], "families": FAMILIES}}
        wanted["stage"]["evaluation"]["max_completion_length"] = ROOM
    line = command("sft", wanted) if has_answers(data) else None
    return "the same beginning, taught by worked answers instead", line


def compared(run: Run) -> Suggestion:
    """The embedded models side by side, where it was one of them that was measured."""
    embedded = [name for name, model in _every("model") if _is_embedded(model["path"])]
    wanted = {key: value for key, value in alike(run, "evaluate").items() if key != "model"}
    line = command("evaluate", wanted, swept={"model": embedded})
    return "compare models in a table", line if _is_embedded(run.model.path) else None


def is_test_set(data: Values) -> bool:
    """Whether none of the data is trained on."""
    return data.get("train_split", "") is None


def asks_for_programs(data: Values) -> bool:
    """Whether the answers are programs."""
    return bool(data.get("example_task", data.get("task")) == "code")


def has_answers(data: Values) -> bool:
    """Whether each problem has a gold answer to learn from, as far as the choice of data says.

    Tasks with a choice of their own have; so have rows, but for programs that come with tests alone
    (one's own rows, and those of a reader that the lab does not know).
    """
    known = [one for _, one in _every("data")]
    if data["kind"] == "procedural":
        # The name of a choice for any task follows the task.
        return data["task"] in [one.get("task") for one in known if "${" not in str(one["name"])]
    solved = [one.get("reader") for one in known if "tests" not in one.get("columns", {})]
    return not asks_for_programs(data) or data["reader"] in solved


def _without_mixture(wanted: Wanted) -> Wanted:
    """The same on the default data where the run's are a mixture: that is for fine-tuning alone."""
    if wanted["data"]["kind"] != "mixture":
        return wanted
    return other_data(wanted, defaults()["data"])


def _every(group: str) -> list[tuple[str, Tree]]:
    return [(name, choice(group, name)) for name in choices(group)]


def _is_embedded(path: str) -> bool:
    return path.startswith("embedded:")
