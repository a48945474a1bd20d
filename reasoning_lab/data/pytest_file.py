"""A file of test functions, as pytest would find it, taken apart into tests that stand alone.

The judge has no test framework and the program is not a module there: a file that needs fixtures,
`pytest` itself, test classes, or more of `solution` than names imported from it is `Unfit`.
"""

import ast

from reasoning_lab.data.readers import Unfit
from reasoning_lab.text.python_source import NotPython, tree_of

PROGRAM = "solution"
"""The module that such a file imports the program's functions from."""
_FRAMEWORKS = {"pytest", "unittest", "hypothesis", "mock"}


def cases_of(source: str) -> list[str]:
    r"""The code of each test: all that the file defines, then one call of its test function.

    Names imported from `solution` are left undefined: the judge gives them. Raises Unfit.

    >>> cases_of("from solution import f\n\ndef test_f():\n    assert f(1) == 2")
    ['def test_f():\n    assert f(1) == 2\ntest_f()']
    """
    try:
        tree = tree_of(source)
    except NotPython:
        raise Unfit("tests that are not Python") from None
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == PROGRAM:
            if any(alias.name == "*" or alias.asname for alias in node.names):
                raise Unfit("tests that import the program under other names")
            continue
        _refuse(node)
        kept.append(node)
    tests = [node for node in kept if _is_test(node)]
    if not tests:
        raise Unfit("no test functions")
    shared = [node for node in kept if not _is_test(node)]
    return [_alone(shared, test) for test in tests]


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test")


def _refuse(top: ast.stmt) -> None:
    """Raise Unfit for what a test cannot have outside of a test run."""
    for node in ast.walk(top):
        modules: list[str | None] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module]
        for module in modules:
            first = (module or "").partition(".")[0]
            if first in _FRAMEWORKS:
                raise Unfit(f"tests that need {first}")
            if first == PROGRAM:
                raise Unfit("tests that import the program as a module")
    if isinstance(top, ast.AsyncFunctionDef) or (
        isinstance(top, ast.ClassDef) and top.name.startswith("Test")
    ):
        raise Unfit("tests in classes or coroutines")
    if _is_test(top) and isinstance(top, ast.FunctionDef):
        arguments = top.args
        if arguments.args or arguments.kwonlyargs or top.decorator_list:
            raise Unfit("tests with fixtures or marks")


def _alone(shared: list[ast.stmt], test: ast.stmt) -> str:
    assert isinstance(test, ast.FunctionDef)
    lines = [ast.unparse(node) for node in (*shared, test)]
    return "\n".join([*lines, f"{test.name}()"])
