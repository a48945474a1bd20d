"""Which names a test needs from the program: those it uses and nobody defines."""

from __future__ import annotations

import ast
import builtins
import sys
import warnings
from functools import lru_cache

_KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__"}


@lru_cache(maxsize=4096)
def needed(code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    r"""The program's functions that test code calls, and modules that it forgot to import.

    A name counts as defined if any line of the code binds it, wherever. A free name with an
    attribute is a module, where the standard library has one of that name. A builtin is the judge's
    own, unless it is all that the code calls.

    >>> needed("import re\nx = 1\nassert math.isclose(f(x), g(re))")
    (('f', 'g'), ('math',))
    """
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
    names = free - modules
    if not names:
        # Some programs define a function with a builtin's name: `assert sum(10, 15) == 6`. Without
        # this the builtin would be tested, and any program paid.
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        } - bound
        names = called if len(called) == 1 else names
    return tuple(sorted(names)), tuple(sorted(modules))
