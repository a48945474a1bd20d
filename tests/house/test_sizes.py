"""One idea a file, one thought a function, no drawer for odds and ends."""

import ast

from source import MODULES, PACKAGE, ROOT

FILE_LINES = 300
FUNCTION_LINES = 40
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "tools"}

# Functions that are one long straight list; splitting them would only hide the order.
LONG_ON_PURPOSE: set[str] = set()


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert not long


def test_functions_are_short() -> None:
    long = {
        f"{module.name}.{function.name}": lines
        for module in MODULES.values()
        for function in module.functions
        if (lines := _body_lines(function)) > FUNCTION_LINES
    }
    assert long.keys() == LONG_ON_PURPOSE, long


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Source lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_names_say_what_is_inside() -> None:
    vague = [name for name in MODULES if DRAWERS & set(name.split("."))]
    assert not vague
