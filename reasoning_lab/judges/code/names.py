"""Which names a test needs from the program: those it uses and nobody defines."""

import ast
import builtins
import sys
import warnings
from functools import lru_cache

from reasoning_lab.text.code_tests import AssertTest, CheckTest

_KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__"}


# Builtins that stand around a result to compare it.
_AROUND = frozenset(
    ("abs", "all", "any", "bool", "dict", "float", "frozenset", "int", "isinstance", "len", "list",
     "next", "print", "range", "repr", "round", "set", "sorted", "str", "tuple", "type")
)  # fmt: skip
_COMPARING = frozenset(
    ("allclose", "almost_equal", "approx", "array_equal", "assert_allclose", "assert_almost_equal",
     "assert_array_equal", "assert_equal", "isclose")
)  # fmt: skip


class Unclear(ValueError):
    """Which of the program's functions a test is of; it would pay any program, or none."""


def needed(code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    r"""The program's functions that test code calls, and modules that it forgot to import.

    A name counts as defined if any line of the code binds it, wherever. A free name with an
    attribute is a module, where the standard library has one of that name. One that is only
    compared or reckoned with is a constant, which does not cross, and asked of nobody. A builtin
    is the judge's own, unless the code calls nothing else: then it is the program's, and of several
    the one that is not there to compare results. Raises `Unclear` where there is no such one, or
    more, and for a function that compares and was not imported: a program that could choose would
    define the comparison.

    >>> needed("import re\nx = 1\nassert math.isclose(f(x), g(re))")
    (('f', 'g'), ('math',))
    >>> needed("assert set(filter(3)) == {1, 2}")
    (('filter',), ())
    """
    names, modules, called = _read(code)
    if comparing := sorted(_COMPARING.intersection(names)):
        raise Unclear(f"the test compares by {comparing[0]}, which it does not import")
    if names or not called:
        return names, modules
    # Some programs define a function with a builtin's name: `assert sum(10, 15) == 6`. Without
    # this the builtin would be tested, and any program paid.
    if len(called) > 1:
        meant = tuple(name for name in called if name not in _AROUND)
        if len(meant) != 1:
            raise Unclear(f"a test of builtins only, of {', '.join(called)}")
        return meant, modules
    return called, modules


def tests_nothing(test: AssertTest | CheckTest) -> str:
    """Why test code finds no program wrong, or none right; "" where it may tell them apart.

    >>> tests_nothing(AssertTest("pass")), tests_nothing(AssertTest("assert f(2) == 4"))
    ('calls no function of the program', '')
    >>> tests_nothing(AssertTest("f(2) == 4"))
    'compares and asserts nothing, so it would pay every program'
    """
    if isinstance(test, CheckTest) and not _defines(test.code, "check"):
        return "defines no `check`"
    names, _, called = _read(test.code)
    if isinstance(test, AssertTest) and not (names or called):
        return "calls no function of the program"
    return "compares and asserts nothing, so it would pay every program" * _idle(test.code)


def _defines(code: str, name: str) -> bool:
    """Whether a name is given a value, at any depth."""
    return name in _bound(_parsed(code))


def _idle(code: str) -> bool:
    """Whether it compares for nothing, as where an `assert` was forgotten.

    To call without an assertion is a test: that nothing is raised.
    """
    nodes = list(ast.walk(_parsed(code)))
    compares = any(
        isinstance(one, ast.Expr) and isinstance(one.value, ast.Compare) for one in nodes
    )
    return compares and not any(isinstance(one, (ast.Assert, ast.Raise)) for one in nodes)


def modules_used(code: str) -> tuple[str, ...]:
    """Modules of the standard library that test code uses and forgot to import."""
    return _read(code)[1]


@lru_cache(maxsize=4096)
def _read(code: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Free names that are no builtins, modules among them, and builtins that are called."""
    tree = _parsed(code)
    bound, used, owners = _bound(tree), set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owners.add(node.value.id)
    free = used - bound - _KNOWN - _constants(tree)
    modules = {name for name in free & owners if name in sys.stdlib_module_names}
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return tuple(sorted(free - modules)), tuple(sorted(modules)), tuple(sorted(called - bound))


def _parsed(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


def _bound(tree: ast.AST) -> set[str]:
    """Names that are given a value, at any depth."""
    bound = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return bound


def _constants(tree: ast.AST) -> set[str]:
    """Names that are compared or reckoned with, and stand nowhere else."""
    operands: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Compare, ast.BinOp, ast.UnaryOp)):
            operands.update(map(id, ast.iter_child_nodes(node)))
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    others = {node.id for node in names if id(node) not in operands}
    return {node.id for node in names} - others
