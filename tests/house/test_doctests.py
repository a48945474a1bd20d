"""Every example in a docstring is run and says the truth."""

import doctest
from importlib import import_module

import pytest
from source import MODULES, PACKAGE, Module

IMPORTS_TORCH = ("model", "measure", "training", "stages")


def _case(module: Module) -> object:
    marks = pytest.mark.slow if module.layer in IMPORTS_TORCH else ()
    return pytest.param(module.name, marks=marks)


WITH_EXAMPLES = [m for m in MODULES.values() if ">>> " in m.path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", [_case(module) for module in WITH_EXAMPLES])
def test_examples(name: str) -> None:
    result = doctest.testmod(import_module(f"{PACKAGE.name}.{name}"))
    assert result.attempted, "none of its examples stands in a docstring"
    assert not result.failed, "see what was printed"
