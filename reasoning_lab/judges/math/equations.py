r"""Equations and inequalities: the value they name, and whether two of them say the same.

Two equations are the same if left minus right of one is a constant multiple of the other's
(`2x+4y=6` and `x+2y=3`), or is so without denominators (`y=1/x` and `xy=1`);
two inequalities, if that multiple is positive.
"""

import re
from fractions import Fraction

from reasoning_lab.judges.math.expression import equal, rounded, same_value, sample
from reasoning_lab.judges.math.expression_exact import exact, variables
from reasoning_lab.judges.math.expression_numeric import context
from reasoning_lab.judges.math.expression_parse import Tree, read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.normal import squeeze
from reasoning_lab.judges.math.scalar import RIGHT, WRONG, Finding, same_scalar
from reasoning_lab.judges.math.shape import Shape, shape
from reasoning_lab.judges.math.units import ALTERING_WORDS

_LETTER = r"(?:[A-Za-z]|\\[A-Za-z]{2,8})(?:_(?:\w|\{(?:\\triangle[ ]?)?[\w,\ ]{1,8}\}))?'?"
_THING = rf"""(?:
    {_LETTER} | \\angle[ ]?[A-Z] | \|[A-Z]{{2}}\| | [A-Z]\([A-Za-z]\)
  | (?:\\(?:angle|triangle|overline)[ ]?)?(?:[A-Z]{{2,4}}|\{{[A-Z]{{2,4}}\}})
)"""
# `A:B=1`, `S_1:S_2=7:32`, `\frac{NO}{BO}=\frac{1}{\sqrt6}`: the value is asked for.
_RATIO_NAME = re.compile(
    rf"""
    {_THING}(?:[ ]?:[ ]?{_THING})+ | {_THING}/{_THING} | \\frac\{{{_THING}\}}\{{{_THING}\}}
    """,
    re.VERBOSE,
)
NAME = re.compile(
    rf"""
    {_THING}(?:[ ]?:[ ]?{_THING})+ | {_THING}/{_THING} | \\frac\{{{_THING}\}}\{{{_THING}\}}
    """,
    re.VERBOSE,
)
NAME = re.compile(
    rf"{_THING}(?:[ ]?:[ ]?{_THING})+|\\frac\{{{_THING}\}}\{{{_THING}\}}|{_THING}/{_THING}",
    re.VERBOSE,
)
NAME = re.compile(
    rf"""
    {_LETTER}
  | [A-Za-z]{{1,3}}(?:\^\{{-1\}})?\([A-Za-z](?:,[ ]?[A-Za-z])*\)        # f(x), P(A)
  | \([A-Za-z](?:,[ ]?[A-Za-z]){{1,5}}\)                                # (x, y)
  | (?:\\angle|\\triangle|\\overline|m\\angle)[ ]?\{{?[A-Z]{{1,4}}\}}?
  | \|?[A-Z]{{2,3}}\|?
  | \\(?:frac\{{d[a-z]?\}}\{{d[a-z]\}}|vec\{{[a-z]\}}|mathbf\{{[A-Za-z]\}})
  | [A-Za-z]{{2,20}}(?:[ ][A-Za-z]{{2,20}}){{0,2}}
    """,
    re.VERBOSE,
)


def body_of(form: str) -> str | None:
    r"""What a relation names: the 5 of `x=5`, `5=x`, `x\in 5`; None if it names nothing.

    In a chain `A=\frac12\cdot6\cdot4=12` it is the end, if all of it has one value.
    """
    kind = shape(form)
    if kind.kind != "relation":
        return None
    if kind.signs == ("in",):
        return kind.parts[1] if NAME.fullmatch(kind.parts[0]) else None
    if set(kind.signs) - {"=", "~"}:
        return None
    if kind.signs[0] == "~":
        return _approximated(kind)
    name, *rest = kind.parts
    if not name and len(rest) == 1:
        return rest[0]  # "= 5"
    if not ALTERING_WORDS.isdisjoint(name.lower().split()):
        return None  # `not = 5`
    if not NAME.fullmatch(name):
        return _named_behind(kind) or _approximated(kind)
    if len(rest) == 1:
        return rest[0]
    if "~" in kind.signs:
        return _approximated(Shape("relation", kind.parts[1:], kind.signs[1:]))
    return rest[-1] if all(_equal(read(part), read(rest[-1])) for part in rest[:-1]) else None


def _named_behind(kind: Shape) -> str | None:
    """The 5 of `5=x`, and the value of a ratio or quotient, `A:B=5`."""
    if kind.signs != ("=",):
        return None
    left, right = kind.parts
    if NAME.fullmatch(right):
        return left
    return right if _RATIO_NAME.fullmatch(left) and _is_constant(right) else None


def _is_constant(form: str) -> bool:
    """Whether a value, or each part of a ratio, has no variable."""
    trees = [read(part) for part in form.split(":")]
    return all(not isinstance(tree, str) and not variables(tree) for tree in trees)


def _equal(left: Tree | str, right: Tree | str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return False
    try:
        return equal(left, right) is True
    except TooBigError:
        return False


def _approximated(kind: Shape) -> str | None:
    r"""The exact side of `\sqrt2\approx1.414`, if the other side agrees as far as it goes."""
    if kind.signs != ("~",):
        return None
    exactly, roughly = kind.parts
    match = re.fullmatch(r"-?\d+(?:\.(\d+))?", roughly)
    if match is None:
        return None
    return exactly if same_rounded(exactly, roughly, len(match[1] or "")) else None


def same_rounded(exactly: str, roughly: str, places: int) -> bool:
    """Whether `roughly` is `exactly`, to one unit of its last digit."""
    tree, near = read(exactly), read(roughly)
    if isinstance(tree, str) or isinstance(near, str):
        return False
    found = next(iter(sample((tree,), 1)), None)
    if found is None:
        return False
    try:
        return bool(abs(float(found[0]) - float(exact(near, {}))) <= 10.0**-places)
    except (OverflowError, TypeError):
        return False


def another_name(answer: str, gold: str) -> bool:
    """Whether two relations name different things."""
    left, right = (_name(form) for form in (answer, gold))
    return bool(left and right and left != right)


def _name(form: str) -> str:
    kind = shape(form)
    if kind.kind != "relation":
        return ""
    for part in (kind.parts[0], kind.parts[-1]):
        if NAME.fullmatch(part) or _RATIO_NAME.fullmatch(part):
            return part
    return ""


def same_relation(left: Shape, right: Shape) -> Finding:
    """Whether two relations say the same."""
    if len(left.parts) != 2 or len(right.parts) != 2:
        return _same_chain(left, right)
    given, wanted = _difference(left), _difference(right)
    if given is None or wanted is None:
        same = left.signs == right.signs and all(
            squeeze(a) == squeeze(b) for a, b in zip(left.parts, right.parts, strict=True)
        )
        same = same or (
            left.signs == right.signs
            and all(
                same_scalar(a, b)[0] is RIGHT for a, b in zip(left.parts, right.parts, strict=True)
            )
        )
        return (RIGHT, "the same relation") if same else (WRONG, "another relation")
    if given[1] != wanted[1]:
        return WRONG, "another relation"
    positive = given[1] not in ("=", "!=")
    found = _proportional(given[0], wanted[0], positive=positive)
    if found[0] is WRONG and not positive:
        # xy=1 and y=1/x: without the denominators, where nothing is zero.
        found = _proportional(_fraction(given[0])[0], _fraction(wanted[0])[0], positive=False)
    return found


_ONE: Tree = ("n", Fraction(1))


def _fraction(tree: Tree) -> tuple[Tree, Tree]:
    """Numerator and denominator of sums, products and quotients of fractions."""
    kind = tree[0]
    if kind == "-":
        over, under = _fraction(tree[1])
        return ("-", over), under
    if kind not in "+*/":
        return tree, _ONE
    (a, b), (c, d) = _fraction(tree[1]), _fraction(tree[2])
    if kind == "/":
        return _times(a, d), _times(b, c)
    if kind == "*":
        return _times(a, c), _times(b, d)
    if b == d:
        return ("+", a, c), b
    return ("+", _times(a, d), _times(c, b)), _times(b, d)


def _times(left: Tree, right: Tree) -> Tree:
    if _ONE in (left, right):
        return right if left == _ONE else left
    return ("*", left, right)


def _same_chain(left: Shape, right: Shape) -> Finding:
    """Chains of relations, member by member, in either direction."""
    flipped = Shape(
        "relation",
        left.parts[::-1],
        tuple({"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(s, s) for s in left.signs[::-1]),
    )
    for side in (left, flipped):
        if side.signs == right.signs and all(
            same_scalar(a, b)[0] is RIGHT for a, b in zip(side.parts, right.parts, strict=True)
        ):
            return RIGHT, "the same relation"
    return WRONG, "another relation"


def _difference(kind: Shape) -> tuple[Tree, str] | None:
    """Left minus right, turned so that the sign is =, !=, > or >=."""
    left, right = (read(part) for part in kind.parts)
    sign = kind.signs[0]
    if (
        isinstance(left, str)
        or isinstance(right, str)
        or sign not in ("=", "!=", "<", "<=", ">", ">=")
    ):
        return None
    if sign in ("<", "<="):
        left, right, sign = right, left, {"<": ">", "<=": ">="}[sign]
    return ("+", left, ("-", right)), sign


def _proportional(given: Tree, wanted: Tree, *, positive: bool) -> Finding:
    """Whether one is a constant multiple of the other, wherever both are defined."""
    ratios = []
    for one, other in sample((given, wanted), 4):
        if not one and not other:
            continue
        if not one or not other:
            return WRONG, "another relation"
        ratios.append(one / other)
    if len(ratios) < 2:
        return None, "undecided by own arithmetic"
    if any(same_value(ratio, ratios[0]) is not True for ratio in ratios[1:]):
        return WRONG, "another relation"
    first = ratios[0]
    if positive and (context().im(rounded(first)) or not first > 0):
        return WRONG, "the inequality is turned around"
    return RIGHT, "the same relation"
