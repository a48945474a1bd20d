import subprocess
import sys

import pytest
from writing import params

from reasoning_lab.errors import ParamsError

WRONG = [
    ({"temperature": -0.1}, ["temperature"]),
    ({"temperature": float("nan")}, ["temperature"]),
    ({"temperature": float("inf")}, ["temperature"]),
    ({"top_p": 0.0}, ["top_p"]),
    ({"top_p": 1.01}, ["top_p"]),
    ({"top_k": -1}, ["top_k"]),
    ({"max_completion_length": 0}, ["max_completion_length"]),
    ({"seed": -1}, ["seed"]),
    ({"stop": ("",)}, ["stop"]),
    ({"max_think_tokens": -1}, ["max_think_tokens"]),
    ({"top_p": 2.0, "top_k": -2, "seed": -3}, ["top_p", "top_k", "seed"]),
]


@pytest.mark.parametrize(("changes", "where"), WRONG)
def test_what_is_out_of_range_is_told_all_at_once(
    changes: dict[str, object], where: list[str]
) -> None:
    with pytest.raises(ParamsError) as raised:
        params(**changes)
    assert [problem.where for problem in raised.value.problems] == where


def test_every_field_has_to_be_said() -> None:
    with pytest.raises(TypeError):
        type(params())(temperature=1.0)  # type: ignore[call-arg]


def test_a_row_holds_every_field_as_plain_values() -> None:
    row = params(stop=("a", "b"), max_think_tokens=7).row()
    assert row["stop"] == ["a", "b"]
    assert row.keys() == set(type(params()).__dataclass_fields__)


def test_what_needs_no_model_loads_no_torch() -> None:
    light = "params request engine stream store resuming budget closing row"
    names = ", ".join(f"reasoning_lab.sampling.{name}" for name in light.split())
    program = f"import sys, {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
