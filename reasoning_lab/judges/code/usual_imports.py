"""The imports that contest graders put in front of a program: those whose names stand in it.

APPS, TACO and verl put modules and single names (`List`, `Counter`, `sqrt`, …) before a program;
LiveCodeBench puts `from MODULE import *` of some twenty modules. Here each word of a program is
looked up in that list: an import too many, of a word in a comment, changes nothing, and a program
must not choose how long it is read. A builtin keeps its meaning (`pow` is not `math.pow`), and what
the program defines or imports itself comes later, so it wins. Left out of their lists: numpy, which
is offered by `modules`, and a deeper stack.
"""

import builtins
import importlib
import re
from collections.abc import Mapping
from functools import cache

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
_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import\b", re.M)
# What follows: names, in brackets over lines or with a backslash at a line's end, to its last end.
_REST = re.compile(r"[ \t]*(?:\([^)]*\))?(?:\\(?:\r\n|\r|\n)|[^\r\n])*(?:\r\n|\r|\n|\Z)")


def with_usual_imports(program: str) -> str:
    r"""The program with imports of the names that stand in it, in a line of their own.

    They come first, but for `from __future__`, which must. Linear in the program's length.

    >>> with_usual_imports("def f(x: List[int]): return sqrt(x[0])")
    'from typing import List; from math import sqrt\ndef f(x: List[int]): return sqrt(x[0])'
    """
    wanted = {*_WORD.findall(program)} & _usual().keys()
    if not wanted:
        return program
    line = "; ".join(_usual()[name] for name in sorted(wanted))
    place = _after_future(program)
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


def _after_future(program: str) -> int:
    """Where the line behind the last `from __future__` begins; 0 without one."""
    found = [*_FUTURE.finditer(program)]
    rest = _REST.match(program, found[-1].end()) if found else None
    return rest.end() if rest else 0
