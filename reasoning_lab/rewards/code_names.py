"""Which names a test needs from the program: those it uses and nobody defines."""

from __future__ import annotations

import ast
import builtins
import re
import sys
import warnings
from functools import lru_cache

from reasoning_lab.text.code_tests import AssertTest, CheckTest

_KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__"}


# Top-level lines that define a name; text is not parsed, as a hostile one can break the parser.
_DEFINED = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)", re.MULTILINE)


class Unclear(ValueError):
    """Which of the program's functions a test is of; it would pay any program, or none."""


def needed(code: str, program: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    r"""The program's functions that test code calls, and modules that it forgot to import.

    A name counts as defined if any line of the code binds it, wherever. A free name with an
    attribute is a module, where the standard library has one of that name. A builtin is the judge's
    own, unless the code calls nothing else: then it is the program's, and of several the one that
    `program` defines. Raises `Unclear` where that is none of them, or more than one.

    >>> needed("import re\nx = 1\nassert math.isclose(f(x), g(re))")
    (('f', 'g'), ('math',))
    >>> needed("assert set(filter(3)) == {1, 2}", "def filter(n): ...")
    (('filter',), ())
    """
    names, modules, called = _read(code)
    if names or not called:
        return names, modules
    # Some programs define a function with a builtin's name: `assert sum(10, 15) == 6`. Without
    # this the builtin would be tested, and any program paid; and a program that could choose among
    # several would define `all` as true.
    if len(called) > 1:
        defined = {name for pair in _DEFINED.findall(program) for name in pair}
        called = tuple(name for name in called if name in defined)
    if len(called) != 1:
        which = ", ".join(called) or "none of those the test calls"
        raise Unclear(f"a test of builtins only, and the program defines {which}")
    return called, modules


def tests_nothing(test: AssertTest | CheckTest) -> str:
    """Why test code can call no function of a program; "" where it may.

    >>> tests_nothing(AssertTest("pass")), tests_nothing(AssertTest("assert f(2) == 4"))
    ('calls no function of the program', '')
    """
    if isinstance(test, CheckTest):
        return "" if re.search(r"\bcheck\b", test.code) else "defines no `check`"
    names, _, called = _read(test.code)
    return "" if names or called else "calls no function of the program"


def modules_used(code: str) -> tuple[str, ...]:
    """Modules of the standard library that test code uses and forgot to import."""
    return _read(code)[1]


@lru_cache(maxsize=4096)
def _read(code: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Free names that are no builtins, modules among them, and builtins that are called."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(code)
    bound, used, owners = set[str](), set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owners.add(node.value.id)
    free = used - bound - _KNOWN
    modules = {name for name in free & owners if name in sys.stdlib_module_names}
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return tuple(sorted(free - modules)), tuple(sorted(modules)), tuple(sorted(called - bound))
