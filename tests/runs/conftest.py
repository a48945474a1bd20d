from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.schema import door
from reasoning_lab.schema.run import Run

MakeRun = Callable[..., Run]


@cache
def plain() -> dict[str, Any]:
    return compose(["tracker=none"])


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """make_run(name="walk", steps=25, seed=0): a run whose results go to the test's folder."""

    def make(name: str = "walk", steps: int = 25, seed: int = 0) -> Run:
        stage = {**plain()["stage"], "max_steps": steps}
        output = str(tmp_path / "runs")
        return door.check({**plain(), "name": name, "seed": seed, "output": output, "stage": stage})

    return make
