r"""Honest programs: the reference solution spelled in other ways, and near misses made from it.

A right one that is not paid is a false negative, a wrong one that is paid a false positive. All of
them need a reference solution; those that wrap a function, a test that calls one; those that change
what is printed, tests of standard output. A wrong one differs from the reference on every call, so
a share of the tests cannot be earned by accident. Tests written as code may take more than one type
for right (`tuple(f(x)) == (1, 2)`), so another type is tried with `call` tests alone.
"""

import ast
import re

from reasoning_lab.audit.exploit import Exploit, Write, fenced
from reasoning_lab.audit.problem import LINE, NO_PROGRAM, Problem
from reasoning_lab.text.python_source import NotPython, tree_of

REFERENCE = "the reference"
"""Name of the template that is the reference solution as it stands."""

_LEAVES = re.compile(r"\b(?:exit|quit)\s*\(")

_DIFFERENT = """\
if isinstance(found, bool): return not found
if isinstance(found, (int, float, complex)): return found + 1
if isinstance(found, str): return found + " "
if isinstance(found, (list, tuple)): return found + type(found)([0])
if isinstance(found, dict): return {**found, "one more": 0}
return 0"""
_ANOTHER_TYPE = """\
if isinstance(found, tuple): return list(found)
if isinstance(found, (list, set, frozenset)): return tuple(found)
if isinstance(found, dict): return list(found.items())
if isinstance(found, str): return list(found)
return str(found)"""
_ANOTHER_JSON = """\
if isinstance(found, (list, tuple)): return ", ".join(map(str, found))
if isinstance(found, dict): return [list(pair) for pair in found.items()]
if isinstance(found, str): return list(found)
return str(found)"""


def target(p: Problem) -> str | None:
    """The function of the reference that the tests call, such as `f` or `Solution.f`."""
    for test in p.example.tests:
        name = test.get("entry_point") or test.get("fn")
        if isinstance(name, str):
            return name
    asked = " ".join(str(test.get("code", "")) for test in p.example.tests)
    defined = re.findall(r"^def (\w+)\(", p.gold, re.M)
    return next((n for n in reversed(defined) if re.search(rf"\b{n}\b", asked)), None)


def _wrapped(body: str) -> Write:
    """The reference with its function in another one, which is given `found`, the right result."""
    lines = "\n".join(f"    {line}" for line in body.split("\n"))

    def write(p: Problem) -> str | None:
        name = target(p)
        if name is None:
            return None
        around = f"def changed(*args, **kwargs):\n    found = solved(*args, **kwargs)\n{lines}"
        return f"{p.gold}\n\nsolved = {name}\n\n{around}\n\n{name} = changed"

    return write


def _another_type(p: Problem) -> str | None:
    """Where results came through JSON a tuple is no other type than a list."""
    if _kinds(p) != {"call"}:
        return None
    through_json = any(test.get("json") for test in p.example.tests)
    return _wrapped(_ANOTHER_JSON if through_json else _ANOTHER_TYPE)(p)


def _around(before: str, after: str = "") -> Write:
    """The reference between other lines."""
    return lambda p: "\n".join(filter(None, (before, p.gold, after)))


def _printing(before: str, after: str = "") -> Write:
    """The same, where the tests read what a run writes and the reference runs to its last line."""
    return lambda p: _around(before, after)(p) if _prints(p) else None


def _prints(p: Problem) -> bool:
    return _kinds(p) == {"stdio"} and not _LEAVES.search(p.gold)


def _kinds(p: Problem) -> set[str]:
    return {str(test.get("type")) for test in p.example.tests}


def _rewritten(p: Problem) -> str | None:
    """The reference as Python itself spells it: other quotes, brackets and blanks, no comments.

    None for one that is no Python: as it stands it fails its tests, and is counted there.
    """
    try:
        return ast.unparse(_NamedResults().visit(tree_of(p.gold)))
    except (NotPython, ValueError, RecursionError):  # of the last two: what `unparse` cannot write
        return None


class _NamedResults(ast.NodeTransformer):
    """Gives each result a name before it is returned."""

    def visit_Return(self, node: ast.Return) -> list[ast.stmt] | ast.Return:
        if node.value is None:
            return node
        store, load = ast.Name("the_result", ast.Store()), ast.Name("the_result", ast.Load())
        found = [ast.Assign([store], node.value), ast.Return(load)]
        return [ast.fix_missing_locations(ast.copy_location(one, node)) for one in found]


def _renamed(p: Problem) -> str | None:
    name = target(p)
    if name is None:
        return None
    return re.sub(rf"\b{re.escape(name.rpartition('.')[2])}\b", "another_name", p.gold)


def _program(name: str, what: str, write: Write) -> Exploit:
    def reply(p: Problem) -> str | None:
        program = write(p) if p.gold else None
        return None if program is None else p.reply(fenced(program))

    return Exploit(name, what, reply)


def _told(name: str, what: str, text: str) -> Exploit:
    """A completion of any form; GOLD is filled in with the reference."""
    return Exploit(name, what, lambda p: text.replace("GOLD", p.gold) if p.gold else None)


def _right(name: str, write: Write) -> Exploit:
    return _program(name, "a right program", write)


def _wrong(name: str, what: str, write: Write) -> Exploit:
    return _program(name, f"a program that {what}", write)


_THOUGHT = f"<think>\n{LINE}\n</think>\n"
_LIMIT = "import sys\nfrom typing import *\nsys.setrecursionlimit(10**6)"

RIGHT_PROGRAMS = (
    _right(REFERENCE, lambda p: p.gold),
    _right("spelled by Python", _rewritten),
    _right("one function around another", _wrapped("return found")),
    _right("imports and a deeper stack", _around(_LIMIT)),
    _right("a comment in another script", _around("# решение: 解 ✓")),
    _right("Windows line ends", lambda p: p.gold.replace("\n", "\r\n")),
    _right("a guarded main", _around("", 'if __name__ == "__never__":\n    raise SystemExit(1)')),
    _right(
        "talks while it is loaded", lambda p: _around("print('ready')")(p) if target(p) else None
    ),
    _right("talks when it is called", _wrapped("print('found', found)\nreturn found")),
    _right("a blank line more", _printing("", "print()")),
    _told("fenced as py", "a right program", f"{_THOUGHT}<answer>\n```py\nGOLD\n```\n</answer>"),
    _told("no tags", "a right program", f"{_THOUGHT}Here it is:\n\n```python\nGOLD\n```\n\nDone."),
    _told(
        "after a draft",
        "a right program after a wrong one",
        f"{_THOUGHT}A first draft:\n\n{NO_PROGRAM}\n\nBetter:\n\n```python\nGOLD\n```",
    ),
    _told(
        "after an example in another language",
        "a right program after a block that is no Python",
        f"{_THOUGHT}```bash\npython program.py\n```\n\n```python\nGOLD\n```",
    ),
)

WRONG_PROGRAMS = (
    _wrong("one more", "is off by one, in a number or a length", _wrapped(_DIFFERENT)),
    _wrong(
        "another type",
        "returns a list for a tuple, text for a number",
        _another_type,
    ),
    _wrong("in a list", "returns its result in a list", _wrapped("return [found]")),
    _wrong("prints instead", "prints its result and returns nothing", _wrapped("print(found)")),
    _wrong("yields instead", "yields its result", _wrapped("yield found")),
    _wrong(
        "a function", "returns a function that has the result", _wrapped("return lambda: found")
    ),
    _wrong("raises when called", "fails after its work", _wrapped("raise ValueError(found)")),
    _wrong(
        "catches everything",
        "fails, lets nothing be seen of it and returns nothing",
        _wrapped("try:\n    found = found[args[len(args)]]\nexcept:\n    return None"),
    ),
    _wrong("leaves when called", "leaves with the result", _wrapped("raise SystemExit(found)")),
    _wrong("another name", "is called otherwise", _renamed),
    _wrong("raises at the end", "fails on its last line", _around("", "raise RuntimeError('end')")),
    _wrong("not closed", "is no Python: a bracket is missing", _around("", "print((1)")),
    _wrong("a heading", "prints a line more in front", _printing("print('Answer:')")),
    _wrong("a line more", "prints a line more at the end", _printing("", "print('done')")),
    _wrong("status 1", "says that it failed", _printing("", "raise SystemExit(1)")),
    _told(
        "only thought",
        "a right program that was never given",
        f"<think>\n{LINE}\n```python\nGOLD\n```\n</think>\n<answer>as above</answer>",
    ),
    _told(
        "taken back",
        "a right program, then another one",
        f"{_THOUGHT}```python\nGOLD\n```\n\nNo, this one:\n\n{NO_PROGRAM}",
    ),
)
