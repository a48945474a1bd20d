"""Annotations of a function that tests call: what they say of a value that came through JSON."""

import ast
from collections.abc import Iterator
from typing import Any

from reasoning_lab.text.python_source import NotPython, tree_of

DEEPEST = 64
Levels = tuple[int, int]
"""Least and most levels of lists around a value: (0, 0) is no list, (2, 2) a list of lists."""
SCALAR, LIST, ANY = (0, 0), (1, DEEPEST), (0, DEEPEST)

_LISTS = frozenset(("list", "sequence", "mutablesequence", "iterable", "collection"))
_SETS = {"set": set, "frozenset": frozenset, "abstractset": frozenset}
_DICTS = frozenset(("dict", "mapping", "mutablemapping", "defaultdict", "ordereddict"))
_OTHERS = frozenset(("int", "str", "bool", "float", "complex", "none"))
_UNIONS = frozenset(("optional", "union"))
_KEYS = {"int": int, "float": float}


def levels_of(hint: ast.expr | None) -> Levels | None:
    """The levels of lists that a hint allows; None where it does not say.

    >>> levels_of(ast.parse("List[List[int]]", mode="eval").body)
    (2, 2)
    """
    name, inner = _parts(hint)
    if name in _UNIONS:
        sides = [levels_of(one) for one in inner if _parts(one)[0] != "none"]
        known = [one for one in sides if one is not None]
        if len(known) < len(sides) or not known:
            return None
        return min(low for low, _ in known), max(high for _, high in known)
    if name in _LISTS or name in _SETS or name == "tuple":
        inside = levels_of(inner[0]) if inner and name != "tuple" else ANY
        low, high = inside or ANY
        return low + 1, min(high + 1, DEEPEST)
    return SCALAR if name in _OTHERS or name in _DICTS else None


def is_text(hint: ast.expr | None) -> bool:
    """Whether a hint says that the value is a text."""
    return _parts(hint)[0] == "str"


def names_keys(hint: ast.expr | None) -> bool:
    """Whether a hint says of what type the keys of a dict are."""
    name, inner = _parts(hint)
    return (name in _DICTS and len(inner) == 2) or any(map(names_keys, inner))


def typed(value: Any, hint: ast.expr | None) -> Any:
    """A JSON value as the hint has it: lists as tuples or sets, text keys as numbers.

    A value that the hint does not fit stays as it is.

    >>> typed([[1, 2]], ast.parse("List[Tuple[int, int]]", mode="eval").body)
    [(1, 2)]
    """
    name, inner = _parts(hint)
    if name in _UNIONS:
        sides = [one for one in inner if _parts(one)[0] != "none"]
        return typed(value, sides[0]) if len(sides) == 1 else value
    if isinstance(value, list):
        return _typed_list(value, name, inner)
    if isinstance(value, dict) and name in _DICTS and len(inner) == 2:
        keys = list(_keys(value, _parts(inner[0])[0]))
        return dict(zip(keys, [typed(one, inner[1]) for one in value.values()], strict=True))
    return value


def _typed_list(value: list[Any], name: str, inner: list[ast.expr]) -> Any:
    if name == "tuple":
        if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
            return tuple(typed(one, inner[0]) for one in value)
        hints = inner if len(inner) == len(value) else [None] * len(value)
        return tuple(typed(one, hint) for one, hint in zip(value, hints, strict=True))
    if name not in _LISTS and name not in _SETS:
        return value
    items = [typed(one, inner[0] if inner else None) for one in value]
    try:
        return _SETS[name](items) if name in _SETS else items
    except TypeError:  # a list in it, which no set holds
        return value


def _keys(value: dict[Any, Any], name: str) -> Iterator[Any]:
    """The keys of that type, where every one can be it and is written so."""
    kind = _KEYS.get(name)
    try:
        numbers = [kind(key) for key in value] if kind else list(value)
    except ValueError:
        numbers = list(value)
    same = all(str(number) == key for number, key in zip(numbers, value, strict=True))
    return iter(numbers if same else value)


def _parts(hint: ast.expr | None) -> tuple[str, list[ast.expr]]:
    """A hint's own name, lower-cased and without its module, and what stands in its brackets."""
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):  # a hint written as text
        try:
            body = tree_of(hint.value).body
        except NotPython:
            return "", []
        only = body[0] if len(body) == 1 else None
        # A text in a text in a text is no hint.
        quoted = isinstance(only, ast.Expr) and not isinstance(only.value, ast.Constant)
        return _parts(only.value) if quoted and isinstance(only, ast.Expr) else ("", [])
    if isinstance(hint, ast.Constant) and hint.value is None:
        return "none", []
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        return "union", [hint.left, hint.right]
    if isinstance(hint, ast.Subscript):
        inside = hint.slice
        inner = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
        return _parts(hint.value)[0], inner
    if isinstance(hint, ast.Attribute):
        return hint.attr.lower(), []
    return (hint.id.lower(), []) if isinstance(hint, ast.Name) else ("", [])
