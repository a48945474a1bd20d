"""Which names of a test are the program's: a builtin only where nothing else is called."""

from __future__ import annotations

import pytest

from reasoning_lab.rewards.code_names import needed
from reasoning_lab.rewards.judging_code import judge_code


@pytest.mark.parametrize(
    ("code", "names", "modules"),
    [
        ("assert f(2) == 4", ("f",), ()),
        ("assert len(f(2)) == 3", ("f",), ()),
        ("x = 1\nassert abs(f(x) - 1) < 1e-6", ("f",), ()),
        ("assert math.isclose(f(1), 2)", ("f",), ("math",)),
        ("assert sum(10, 15) == 6", ("sum",), ()),
        ("def sum(a): return 6\nassert sum(10) == 6", (), ()),
    ],
)
def test_names(code: str, names: tuple[str, ...], modules: tuple[str, ...]) -> None:
    assert needed(code) == (names, modules)


@pytest.mark.parametrize(
    ("program", "share"),
    [
        ("def max(a): return 0", 0.0),
        ("x = 1", 0.0),
        ("def max(a): return sorted(a)[-1]", 1.0),
    ],
)
def test_a_function_with_a_builtins_name_is_the_one_tested(program: str, share: float) -> None:
    tests = [{"type": "assert", "code": "assert max([1, 2]) == 2"}]
    assert judge_code(program, tests).share == share
