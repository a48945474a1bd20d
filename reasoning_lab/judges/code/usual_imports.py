"""The imports that contest graders put in front of a program: those whose names stand in it.

APPS, TACO and verl put modules and single names (`List`, `Counter`, `sqrt`, …) before a program;
LiveCodeBench puts `from MODULE import *` of some twenty modules. Here each word of a program is
looked up in that list: an import too many, of a word in a comment, changes nothing but for a
program that asks whether a name is there, and no program chooses how long it is read. A builtin
keeps its meaning (`pow` is not `math.pow`), and what the program defines or imports itself comes
later, so it wins. Left out of their lists: numpy, which `modules` offers, and a deeper stack.
"""

import ast
import builtins
import importlib
import re
from collections.abc import Mapping
from functools import cache

from reasoning_lab.text.python_source import statements_of

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
_WORD = re.compile(r"(?<![.\w])[A-Za-z]\w*")
_LINE_END = re.compile(r"\r\n|\r|\n")


def with_usual_imports(program: str) -> str:
    r"""The program with imports of the names that stand in it, in a line of their own.

    They come first, but for a docstring and `from __future__`, which must.

    >>> with_usual_imports("def f(x: List[int]): return sqrt(x[0])")
    'from typing import List; from math import sqrt\ndef f(x: List[int]): return sqrt(x[0])'
    """
    wanted = {*_WORD.findall(program)} & _usual().keys()
    if not wanted:
        return program
    line = "; ".join(_usual()[name] for name in sorted(wanted))
    place = _after_head(program)
    before = program[:place]
    gap = "\n" if before and not before.endswith(("\n", "\r")) else ""
    return f"{before}{gap}{line}\n{program[place:]}"


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


def _after_head(program: str) -> int:
    """Where the line behind the docstring and the last `from __future__` begins; 0 without them."""
    body = statements_of(program)
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    docstring = isinstance(first, ast.Constant) and isinstance(first.value, str)
    head = body[:1] if docstring else []
    head += [one for one in body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    if not head:
        return 0
    ends = [match.end() for match in _LINE_END.finditer(program)]
    last = head[-1].end_lineno or 1
    return ends[last - 1] if last <= len(ends) else len(program)
