"""A file imports only from the layers above its own; the table in ARCHITECTURE.md, enforced."""

import subprocess
import sys
from collections.abc import Iterator

from source import MODULES, Module

from reasoning_lab.schema.stages import VERBS

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "schema": {"errors"},
    "text": {"errors", "schema"},
    "statistics": {"errors", "schema"},
    "sandbox": {"errors", "schema"},
    "pool": {"errors", "schema", "sandbox"},
}
BASE = {"errors", "schema", "text", "statistics"}
MAY_IMPORT |= {
    "records": BASE,
    "runs": BASE | {"records"},
    "data": BASE | {"runs", "records"},
    "judges": BASE | {"sandbox", "pool"},
    "rewards": BASE | {"judges", "records"},
    "model": BASE | {"runs", "records"},
    "sampling": BASE | {"runs", "records", "model"},
    "track": BASE | {"runs", "records"},
    "audit": BASE | {"judges", "rewards", "records"},
    "report": BASE | {"runs", "records"},
}
BELOW_REPORT = BASE | {"runs", "records", "data", "judges", "rewards"}
MAY_IMPORT |= {
    "measure": BELOW_REPORT | {"model", "sampling"},
    "training": BELOW_REPORT | {"model", "sampling", "track", "measure", "report"},
    "scoring": BELOW_REPORT | {"report"},
    "replaying": BELOW_REPORT | {"report"},
    "comparing": BELOW_REPORT | {"report"},
    "rejecting": BELOW_REPORT | {"model", "sampling", "report", "training"},
    "stages": BELOW_REPORT
    | {"audit", "model", "sampling", "track", "measure", "report"}
    | {"training", "scoring", "replaying", "comparing", "rejecting"},
    "pipelines": BASE | {"runs", "records", "report"},
    "cli": BASE | {"runs", "records", "report", "pipelines"},
    "api": BELOW_REPORT | {"rejecting", "cli"},
    "worker": BASE | {"runs", "records", "report", "stages"},
    "__main__": {"cli"},
}

# Doors through a wall, each with its reason.
DOORS = {
    # a task's own scorer belongs to the task's data; the judge only calls it
    ("judges", "data.scoring"),
    # rows that cannot fit are told before the plan; reading local ones imports nothing heavy
    ("cli", "data"),
    ("cli", "data.split"),
    # a wrong reward function or a missing key is refused at once, by those who would refuse it
    # in the worker; none of these imports anything heavy
    ("cli", "data.procedural"),
    ("cli", "rewards.door"),
    ("cli", "track.wandb"),
}

HEAVY = ("torch", "transformers", "trl", "datasets", "wandb", "sympy")
MAY_LOAD_HEAVY = (
    "model",
    "sampling",
    "measure",
    "training",
    "rejecting",
    "stages",
    "track",
    "api",
)

# Imported by name in a worker process of a pool, and by each other.
IN_A_POOL = {
    "judges.math.sympy_worker",
    "judges.math.sympy_equal",
    "judges.math.sympy_parse",
}


def test_every_layer_has_a_row() -> None:
    assert {module.layer for module in MODULES.values()} - {""} <= MAY_IMPORT.keys()


def test_imports_come_from_layers_above() -> None:
    wrong = {
        module.name: sorted(names)
        for module in MODULES.values()
        if module.layer and (names := set(_forbidden(module)))
    }
    assert not wrong


def _forbidden(module: Module) -> Iterator[str]:
    allowed = MAY_IMPORT[module.layer] | {module.layer}
    for name in module.imports():
        through_a_door = any(module.layer == here and there == name for here, there in DOORS)
        if MODULES[name].layer not in allowed and not through_a_door:
            yield name


def test_stages_do_not_know_each_other() -> None:
    verbs = {f"stages.{kind}" for kind in VERBS}
    assert verbs == {name for name in MODULES if name.startswith("stages.")}
    for verb in verbs:
        others = MODULES[verb].imports() & (verbs - {verb})
        assert not others, f"{verb} imports {sorted(others)}"


def test_only_a_pool_imports_what_runs_in_it() -> None:
    outside = MODULES.keys() - IN_A_POOL
    assert not {name: both for name in outside if (both := MODULES[name].imports() & IN_A_POOL)}


def test_no_import_circles() -> None:
    left = {name: module.imports_at_load() - {name} for name, module in MODULES.items()}
    wanted: set[str] = set()
    while (wanted := set().union(*left.values()) & {n for n in left if left[n]}) != left.keys():
        left = {name: left[name] & wanted for name in wanted}
    assert not left, f"circles among {sorted(left)}"


def test_light_layers_load_nothing_heavy() -> None:
    light = [
        name
        for name, module in MODULES.items()
        if module.layer not in MAY_LOAD_HEAVY and name not in IN_A_POOL
    ]
    program = f"""
import importlib, sys
guilty = {{}}
for name in {["stages", *light]!r}:
    importlib.import_module("reasoning_lab." + name)
    for heavy in {HEAVY!r}:
        if heavy in sys.modules:
            guilty.setdefault(heavy, name)
sys.exit("loaded by " + repr(guilty) if guilty else 0)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
