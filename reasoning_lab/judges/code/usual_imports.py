"""The imports that contest graders put in front of a program: those that it uses.

APPS, TACO and verl put modules and single names (`List`, `Counter`, `sqrt`, …) before a program;
LiveCodeBench puts `from MODULE import *` of some twenty modules. Here each name that a program uses
is looked up in that list, so a program that uses none is run as it stands. A builtin keeps its
meaning (`pow` is not `math.pow`), and so does what the program defines or imports itself. Left out
of their lists: numpy, which is offered by `modules`, and a deeper stack.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Mapping
from functools import cache

from reasoning_lab.text.python_source import NotPython, tree_of

# In the graders' order: where two modules have a name, the later one gives it. Of `typing` first:
# its Counter is a type for hints, that of `collections` is one for both.
_WHOLE = (
    "typing", "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math",
    "random", "statistics", "itertools", "functools", "operator", "json",
)  # fmt: skip
_SOME = {
    "fractions": ("Fraction",),
    "io": ("BytesIO", "StringIO"),
    "sys": ("maxsize", "setrecursionlimit", "stderr", "stdin", "stdout"),
}
_MODULES = (*_WHOLE, *_SOME, "time")
_LINE_END = re.compile(r"\r\n|\r|\n")


def with_usual_imports(program: str) -> str:
    r"""The program with imports of the names that it uses, in a line of their own.

    They come first, but for `from __future__`, which must. Text that is no Python is left alone.

    >>> with_usual_imports("def f(x: List[int]): return sqrt(x[0])")
    'from typing import List; from math import sqrt\ndef f(x: List[int]): return sqrt(x[0])'
    """
    try:
        tree = tree_of(program)
    except NotPython:
        return program
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    wanted = (used & _usual().keys()) - _imported(tree)
    if not wanted:
        return program
    line = "; ".join(_usual()[name] for name in sorted(wanted))
    place = _after_future(program, tree)
    return f"{program[:place]}{line}\n{program[place:]}"


@cache
def _usual() -> Mapping[str, str]:
    """The import of each name."""
    found: dict[str, str] = {}
    for module in _WHOLE:
        given = importlib.import_module(module)
        public = [name for name in dir(given) if not name.startswith("_")]
        names = getattr(given, "__all__", public)
        found |= {name: f"from {module} import {name}" for name in names}
    for module, some in _SOME.items():
        found |= {name: f"from {module} import {name}" for name in some}
    found |= {name: f"import {name}" for name in _MODULES}
    return {name: line for name, line in found.items() if not hasattr(builtins, name)}


def _imported(tree: ast.Module) -> set[str]:
    """Names that the program imports before it does anything else."""
    names = set[str]()
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name for alias in node.names}
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            break
    return names


def _after_future(program: str, tree: ast.Module) -> int:
    """Where the line behind the last `from __future__` begins; 0 without one."""
    ends = [
        node.end_lineno
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    if not ends or ends[-1] is None:
        return 0
    breaks = [found.end() for found in _LINE_END.finditer(program)]
    return breaks[ends[-1] - 1] if ends[-1] <= len(breaks) else len(program)
