"""What a function asks for and gives back, read from a declaration or a reference; never run."""

import ast
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reasoning_lab.data.type_hints import ANY, DEEPEST, LIST, SCALAR, Levels, levels_of
from reasoning_lab.text.python_source import statements_of

_SCALARS = frozenset(
    ("abs", "all", "any", "bin", "bool", "chr", "float", "hex", "int", "len", "ord",
     "pow", "repr", "round", "str", "sum")
)  # fmt: skip
_SCALAR_METHODS = frozenset(
    ("count", "endswith", "find", "format", "index", "join", "lower", "replace", "startswith",
     "strip", "title", "upper")
)  # fmt: skip
_LISTS = frozenset(("list", "sorted", "tuple", "divmod"))
_FOLLOWED = 6  # names and branches, from a `return`
_MANY = 8  # items of a list, or values of a name: of more nothing is said, which bounds the search


@dataclass(frozen=True)
class Signature:
    """A function as tests call it, such as `f` or `Solution.f`.

    It takes `least` to `most` arguments (None: any number); `hints` are the annotations of the
    named ones and `result` what its result is made of, as far as it is declared or plain to see.
    `heading` declares it in Python, without a body.
    """

    target: str
    least: int
    most: int | None
    hints: tuple[ast.expr | None, ...]
    result: Levels | None
    heading: str

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return self.least <= count and (self.most is None or count <= self.most)


def signature_of(source: str, fn: str) -> Signature | None:
    r"""The function `fn` of some Python, or of its class `Solution`, which goes first.

    None where there is no such function, or no Python.

    >>> signature_of("class Solution:\n  def f(self, x): return [x]", "f").target
    'Solution.f'
    """
    body = statements_of(source)
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name == "Solution":
            for method in reversed(node.body):
                if isinstance(method, ast.FunctionDef) and method.name == fn:
                    return _of_method(method)
    for node in reversed(body):
        if isinstance(node, ast.FunctionDef) and node.name == fn:
            heading = f"def {fn}({ast.unparse(node.args)}):"
            return _signature(fn, node.args, _result(node), heading)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            if fn not in map(ast.unparse, node.targets):
                continue
            heading = f"def {fn}({ast.unparse(node.value.args)}):"
            return _signature(fn, node.value.args, _levels(node.value.body, {}), heading)
    return None


def declared(starter: str, fn: str) -> Signature | None:
    """The function as the beginning of a program declares it, which often breaks off there."""
    last = starter.rstrip("\n").rpartition("\n")[2]
    indent = last[: len(last) - len(last.lstrip())]
    for whole in (starter, f"{starter.rstrip()} ...", f"{starter}\n{indent}..."):
        if found := signature_of(whole, fn):
            return found
    return None


def merged(begin: Signature | None, solved: Signature | None) -> Signature | None:
    """What is declared, and where that leaves something open, what a reference says."""
    if begin is None or solved is None:
        return begin or solved
    hints = begin.hints
    if len(hints) == len(solved.hints):
        hints = tuple(one or other for one, other in zip(hints, solved.hints, strict=True))
    result = solved.result if begin.result is None else begin.result
    return replace(begin, hints=hints, result=result)


def _of_method(node: ast.FunctionDef) -> Signature:
    static = "staticmethod" in map(ast.unparse, node.decorator_list)
    mark = "    @staticmethod\n" if static else ""
    heading = f"class Solution:\n{mark}    def {node.name}({ast.unparse(node.args)}):"
    bound = 0 if static else 1
    return _signature(f"Solution.{node.name}", node.args, _result(node), heading, bound)


def _signature(
    target: str, given: ast.arguments, result: Levels | None, heading: str, bound: int = 0
) -> Signature:
    named = [*given.posonlyargs, *given.args][bound:]
    return Signature(
        target,
        max(0, len(named) - len(given.defaults)),
        None if given.vararg else len(named),
        tuple(one.annotation for one in named),
        result,
        heading,
    )


def _result(node: ast.FunctionDef) -> Levels | None:
    """By its annotation, else by what stands behind each `return`."""
    if (hinted := levels_of(node.returns)) is not None:
        return hinted
    own = list(_own(node))
    values: dict[str, list[ast.expr]] = {}
    for one in own:
        if isinstance(one, ast.Assign):
            for target in one.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(one.value)
    returned = [one.value for one in own if isinstance(one, ast.Return) and one.value is not None]
    return _together([_levels(value, values) for value in returned])


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What is below a node, but not inside of functions and classes defined there."""
    apart = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    below = deque(ast.iter_child_nodes(node))
    while below:
        child = below.popleft()
        if not isinstance(child, apart):
            yield child
            below.extend(ast.iter_child_nodes(child))


def _together(found: list[Levels | None]) -> Levels | None:
    known = [one for one in found if one is not None]
    if len({low > 0 for low, _ in known}) > 1 or ANY in known:  # a list, or else no list
        return ANY
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def _levels(
    value: ast.expr, values: dict[str, list[ast.expr]], deep: int = _FOLLOWED
) -> Levels | None:
    """What an expression is made of, where that is plain to see."""
    if deep == 0:
        return None
    if isinstance(value, (ast.List, ast.ListComp, ast.Tuple)):
        items = [value.elt] if isinstance(value, ast.ListComp) else value.elts
        few = items if len(items) <= _MANY else []
        low, high = _together([_levels(one, values, deep - 1) for one in few]) or ANY
        return low + 1, min(high + 1, DEEPEST)
    if isinstance(value, (ast.Constant, ast.JoinedStr, ast.Compare, ast.Dict, ast.DictComp)):
        return SCALAR
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return SCALAR
    if isinstance(value, ast.Name):
        given = values.get(value.id, [])
        if len(given) > _MANY:
            return None
        return _together([_levels(one, values, deep - 1) for one in given])
    if isinstance(value, ast.IfExp):
        branches = [value.body, value.orelse]
        return _together([_levels(one, values, deep - 1) for one in branches])
    if isinstance(value, ast.BinOp):
        sides = [_levels(one, values, deep - 1) for one in (value.left, value.right)]
        lists: list[Levels | None] = [one for one in sides if one and one[0]]
        return _together(lists or sides)
    return _called(value.func) if isinstance(value, ast.Call) else None


def _called(func: ast.expr) -> Levels | None:
    if isinstance(func, ast.Name):
        return LIST if func.id in _LISTS else SCALAR if func.id in _SCALARS else None
    if isinstance(func, ast.Attribute) and func.attr in _SCALAR_METHODS:
        return SCALAR
    return LIST if isinstance(func, ast.Attribute) and func.attr == "split" else None
