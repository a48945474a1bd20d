r"""Points by the names of their values: `p=5,q=2; p=7,q=2`, `(p,q)=(5,2),(7,2)`."""

import re
from typing import NamedTuple

from reasoning_lab.judges.math.equations import NAME
from reasoning_lab.judges.math.shape import Shape, shape

NUMBERED = re.compile(r"_(?:\w|\{\w+\})$")
_PLUS_MINUS = re.compile(r"\\(?:pm|mp)(?![A-Za-z])")


class Points(NamedTuple):
    """Solutions in several variables: `names` in order, and a tuple `(a, b)` for each."""

    names: tuple[str, ...]
    values: tuple[str, ...]


def points(kind: Shape) -> Points | None:
    r"""The points that a list of equations names, `p=5,q=2; p=7,q=2` as (5, 2) and (7, 2); None
    where it names none. Roots that are only numbered, `x_1=1, x_2=2`, are values of one variable.
    """
    if found := _named_tuples(kind):
        return found
    halves = [shape(part) for part in kind.parts] if kind.kind == "list" else []
    if not all(half.kind == "relation" and half.signs == ("=",) for half in halves):
        return None
    names = tuple(sorted({half.parts[0] for half in halves}))
    size = len(names)
    roots = {NUMBERED.sub("", name) for name in names}
    if len(roots) < 2 or len(halves) % size or not all(map(NAME.fullmatch, names)):
        return None
    values = []
    for start in range(0, len(halves), size):
        named = {half.parts[0]: half.parts[1] for half in halves[start : start + size]}
        if len(named) != size or any(_PLUS_MINUS.search(value) for value in named.values()):
            return None
        values.append(f"({', '.join(named[name] for name in names)})")
    return Points(names, tuple(values))


def _named_tuples(kind: Shape) -> Points | None:
    """`(p,q)=(5,2)`, alone or before further tuples, each with or without these names."""
    names: tuple[str, ...] = ()
    values: list[str] = []
    for part in map(shape, kind.parts) if kind.kind == "list" else [kind]:
        point = part
        if part.kind == "relation" and part.signs == ("=",):
            head, point = shape(part.parts[0]), shape(part.parts[1])
            if head.kind != "tuple" or (names and names != head.parts):
                return None
            names = head.parts
        if not names or point.kind != "tuple" or len(point.parts) != len(names):
            return None
        named = dict(zip(names, point.parts, strict=True))
        values.append(f"({', '.join(named[name] for name in sorted(named))})")
    if len(set(names)) != len(names) or not all(map(NAME.fullmatch, names)):
        return None
    return Points(tuple(sorted(names)), tuple(values)) if names else None
