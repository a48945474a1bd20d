"""Writes the two lock files of the door from the installed packages.

    python tests/door/locks.py

`trl_fields.json`: field names of the pinned TRL's configs. `gym_tasks.json`: reasoning-gym's task
names, each with the fields of its own config. The door reads them instead of importing either.
"""

from __future__ import annotations

import dataclasses
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import reasoning_lab.schema

SCHEMA = Path(reasoning_lab.schema.__file__).parent
NOT_PARAMS = {"seed", "size"}


def trl_fields() -> dict[str, Any]:
    """Field names of the trainer configs, in the order TRL declares them."""
    import trl

    configs = {"grpo": trl.GRPOConfig, "sft": trl.SFTConfig}
    names = {kind: [f.name for f in dataclasses.fields(c)] for kind, c in configs.items()}
    return {"version": version("trl"), "fields": names}


def gym_tasks() -> dict[str, Any]:
    """Task names of reasoning-gym, each with its config's field names."""
    import reasoning_gym  # noqa: F401  fills the registry
    from reasoning_gym.factory import DATASETS

    tasks = {
        name: sorted(f.name for f in dataclasses.fields(config) if f.name not in NOT_PARAMS)
        for name, (_, config) in sorted(DATASETS.items())
    }
    return {"version": version("reasoning-gym"), "tasks": tasks}


def text(value: dict[str, Any]) -> str:
    """The lock as text: one entry a line, so that an upgrade reads well in a diff."""
    return json.dumps(value, indent=1) + "\n"


LOCKS = {"trl_fields.json": trl_fields, "gym_tasks.json": gym_tasks}

if __name__ == "__main__":
    for name, build in LOCKS.items():
        (SCHEMA / name).write_text(text(build()), encoding="utf-8")
