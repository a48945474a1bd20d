r"""Compare answers that have parts: lists, sets, tuples, intervals, matrices, equations …

The gold's shape decides what is asked for; the parts are compared as answers of their own. What
is refused is a value for a structure, a structure for a value, and another kind of structure:
`(1,2)`, `[1,2]` and `\{1,2\}` are three answers.
"""

from collections.abc import Callable

from reasoning_lab.judges.math.choices import same_choice
from reasoning_lab.judges.math.equations import another_name, body_of, same_relation
from reasoning_lab.judges.math.number import Quantity
from reasoning_lab.judges.math.points import NUMBERED, points
from reasoning_lab.judges.math.realset import RealSet, real_set, same_set
from reasoning_lab.judges.math.scalar import RIGHT, UNPARSABLE, WRONG, Finding, number, same_scalar
from reasoning_lab.judges.math.shape import Shape, shape
from reasoning_lab.judges.math.solved import solves
from reasoning_lab.judges.math.words import ratio, same_words

MAX_DEPTH = 4  # structures within structures
MAX_PAIRS = 2_500  # comparisons of members of two unordered collections
_UNORDERED = ("list", "set")
_SETS = ("half", "union", "meet", "minus", "reals", "builder")


def same(answer: str, gold: str, depth: int = 0) -> Finding:
    r"""Compare two normal forms of any shape. Never raises.

    >>> same("\\{2,1\\}", "1, 2")[0].value, same("(2,1)", "(1,2)")[0].value
    ('correct', 'wrong')
    """
    if answer == gold:
        return RIGHT, "same normalised text"
    if depth > MAX_DEPTH:
        return UNPARSABLE, f"guard: more than {MAX_DEPTH} structures within each other"
    if (found := same_choice(answer, gold, lambda a, b: same(a, b, depth + 1))) is not None:
        return found
    if ("=" in answer) != ("=" in gold):  # a ratio with its name: `A:B=1:2`
        answer, gold = _named_ratio(answer), _named_ratio(gold)
    if (found := same_words(answer, gold)) is not None:
        return found
    left, right = shape(answer), shape(gold)
    if left.kind == right.kind == "scalar":
        return same_scalar(answer, gold)
    if (by_set := _same_real_set(answer, left, gold, right)) is not None:
        return by_set
    return _COMPARE.get(right.kind, _same_kind)(answer, left, gold, right, depth)


def _named_ratio(form: str) -> str:
    body = body_of(form) if "=" in form else None
    return body if body and ratio(body) else form


def _same_real_set(answer: str, left: Shape, gold: str, right: Shape) -> Finding | None:
    """Compare as sets of reals, where at least one side can be nothing else."""
    if not any(_is_real_set(side) for side in (left, right)):
        return None
    given, wanted = real_set(answer), real_set(gold)
    if given is None or wanted is None:
        return _same_solutions(left, given, right, wanted)
    if given.name and wanted.name and given.name != wanted.name:
        return WRONG, "another variable"
    if same_set(given, wanted):
        return RIGHT, "the same set of numbers"
    return WRONG, "another set of numbers"


def _same_solutions(
    left: Shape, given: RealSet | None, right: Shape, wanted: RealSet | None
) -> Finding | None:
    """Compare an inequality that has to be solved with a set."""
    relation, target = (left, wanted) if given is None else (right, given)
    if relation.kind != "relation" or target is None:
        return None
    solved = solves(relation, target)
    if solved is None:
        return None
    return (RIGHT, "its solutions") if solved else (WRONG, "another set of numbers")


def _is_real_set(side: Shape) -> bool:
    if side.kind == "relation":
        return bool({"<", "<=", ">", ">=", "!=", "in", "notin"} & set(side.signs))
    if side.kind == "list":
        return all(
            part.kind == "relation" and _is_real_set(part) for part in map(shape, side.parts)
        )
    return side.kind in _SETS


def _for_value(answer: str, left: Shape, gold: str, right: Shape, depth: int) -> Finding:
    """The gold is one value: so must the answer be, perhaps with its name or in set braces."""
    if left.kind == "relation":
        body = body_of(answer)
        if left.signs == ("~",) and not left.parts[0] and not isinstance(number(gold), Quantity):
            body = left.parts[1]
        if body is None:
            return WRONG, "a relation, where one value is asked for"
        return same(body, gold, depth)
    if left.kind == "set" and len(left.parts) == 1 and not depth:
        return same(left.parts[0], gold)
    return WRONG, f"a {left.kind}, where one value is asked for"


def _for_collection(answer: str, left: Shape, gold: str, right: Shape, depth: int) -> Finding:
    """The gold lists values: in any order, as a list or as a set."""
    if (found := _for_points(answer, left, right, depth)) is not None:
        return found
    body = body_of(answer) if left.kind == "relation" else None
    if body is not None:
        return same(body, gold, depth)
    if left.kind == "scalar" and right.kind == "set" and len(right.parts) == 1 and not depth:
        return same(answer, right.parts[0])
    if left.kind not in _UNORDERED:
        return WRONG, f"a {left.kind}, where a {right.kind} is asked for"
    given, wanted = _values(left), _values(right)
    if "\\dots" in (*given, *wanted):  # and so on: the order says how
        return _each(tuple(given), tuple(wanted), depth)
    if len(given) * len(wanted) > MAX_PAIRS:
        return UNPARSABLE, "guard: too many members"
    counted = left.kind == right.kind == "list" and not all(map(_is_point, wanted))
    if counted and len(given) != len(wanted):
        return WRONG, f"{len(given)} values, not {len(wanted)}"
    return _cover(given, wanted, depth, exactly=counted)


def _is_point(form: str) -> bool:
    """A tuple: a list of these is a set of solutions, in which one may stand twice."""
    return shape(form).kind == "tuple"


def _for_points(answer: str, left: Shape, right: Shape, depth: int) -> Finding | None:
    """Where a side lists points by the names of their values, `x=1,y=2; x=3,y=4`; else None."""
    given, wanted = points(left), points(right)
    if given and wanted:
        if given.names != wanted.names:
            return WRONG, "other variables"
        return _cover(list(given.values), list(wanted.values), depth, exactly=False)
    if wanted and left.kind == "tuple" and len(wanted.values) == 1:
        return same(answer, wanted.values[0], depth + 1)
    if wanted and not given and left.kind in _UNORDERED and not any(map(_is_point, left.parts)):
        if len(wanted.values) > 1 or left.kind == "set" or "=" in answer:
            return WRONG, "values that do not say which is which"
        return _each(left.parts, shape(wanted.values[0]).parts, depth)  # in the names' order
    listed = left if wanted else right
    if not (given or wanted) or not all(map(_is_point, listed.parts)):
        return None
    have = given.values if given else left.parts
    want = wanted.values if wanted else right.parts
    return _cover(list(have), list(want), depth, exactly=False)


def _values(side: Shape) -> list[str]:
    """The members; names are dropped where all are values of one variable (`x=1, x=2`)."""
    shapes = [shape(part) for part in side.parts]
    pairs = [
        each.parts if each.signs == ("pm",) else (part,)
        for each, part in zip(shapes, side.parts, strict=True)
    ]
    parts = [part for pair in pairs for part in pair]
    halves = [shape(part) for part in parts]
    names = [half.parts[0] for half in halves if half.kind == "relation" and half.signs == ("=",)]
    roots = {NUMBERED.sub("", name) for name in names}
    if len(roots) != 1:
        return parts
    # `x=1,2` names both; `x_1=1, x_2=2` numbers the roots.
    return [body_of(part) or part for part in parts]


def _cover(given: list[str], wanted: list[str], depth: int, *, exactly: bool) -> Finding:
    """Whether each member of either has an equal in the other; `exactly`: one of its own."""
    left = list(given)
    unsure = ""
    for want in wanted:
        found = None
        for place, have in enumerate(left):
            verdict, reason = same(have, want, depth + 1)
            if verdict is RIGHT:
                found = place
                break
            unsure = unsure or (reason if verdict is None else "")
        if found is None:
            return (None, unsure) if unsure else (WRONG, "a value is missing")
        if exactly:
            left.pop(found)
    for have in [] if exactly else given:
        verdicts = [same(have, want, depth + 1)[0] for want in wanted]
        if RIGHT not in verdicts:
            return (None, "undecided") if None in verdicts else (WRONG, "a value too many")
    return RIGHT, "the same values"


def _for_tuple(answer: str, left: Shape, gold: str, right: Shape, depth: int) -> Finding:
    """The gold is a point: the same kind, or a vector, or the values by their names."""
    body = body_of(answer) if left.kind == "relation" else None
    if body is not None:
        return same(body, gold, depth)
    kinds = ("tuple", "vector", "matrix") if right.kind in ("tuple", "vector") else (right.kind,)
    if left.kind == "list" and right.kind == "tuple":
        named = _by_name(left)
        return _each(named, right.parts, depth) if named else (WRONG, "a list, not a tuple")
    if left.kind not in kinds:
        return WRONG, f"a {left.kind}, where a {right.kind} is asked for"
    if left.kind == "matrix" and left.signs[0] not in ("1", str(len(left.parts))):
        return WRONG, "a matrix, where a vector is asked for"
    return _each(left.parts, right.parts, depth)


def _by_name(side: Shape) -> tuple[str, ...]:
    """The values of `x=1, y=2` in the order of their names, () for anything else."""
    halves = [shape(part) for part in side.parts]
    if not all(half.kind == "relation" and half.signs == ("=",) for half in halves):
        return ()
    values = {half.parts[0]: half.parts[1] for half in halves}
    return tuple(values[name] for name in sorted(values)) if len(values) == len(halves) else ()


def _each(given: tuple[str, ...], wanted: tuple[str, ...], depth: int) -> Finding:
    """Member by member, in order."""
    if len(given) != len(wanted):
        return WRONG, f"{len(given)} members, not {len(wanted)}"
    unsure: Finding | None = None
    for have, want in zip(given, wanted, strict=True):
        found = same(have, want, depth + 1)
        if found[0] is None or found[0] is UNPARSABLE:
            unsure = unsure or found
        elif found[0] is not RIGHT:
            return WRONG, f"another member: {found[1]}"
    return unsure or (RIGHT, "the same members")


def _for_matrix(answer: str, left: Shape, gold: str, right: Shape, depth: int) -> Finding:
    """The gold is a matrix: the same shape and entries; a tuple is a row or a column."""
    body = body_of(answer) if left.kind == "relation" else None
    if body is not None:
        return same(body, gold, depth)
    line = right.signs[0] in ("1", str(len(right.parts)))
    if left.kind in ("tuple", "vector") and line:
        return _each(left.parts, right.parts, depth)
    if left.kind != "matrix" or left.signs != right.signs:
        return WRONG, "no matrix of this shape"
    return _each(left.parts, right.parts, depth)


def _for_relation(answer: str, left: Shape, gold: str, right: Shape, depth: int) -> Finding:
    """The gold is an equation or inequality: an equal one, or the value that it names."""
    body = body_of(gold)
    if left.kind == "relation":
        given = body_of(answer)
        if body is not None and given is not None and not another_name(answer, gold):
            return same(given, body, depth + 1)
        if body is not None and given is not None and left.signs == right.signs != ("=",):
            return WRONG, "another variable"
        return same_relation(left, right)
    if body is None:
        return WRONG, f"a {left.kind}, where a relation is asked for"
    return same(answer, body, depth + 1)


def _same_kind(answer: str, left: Shape, gold: str, right: Shape, depth: int) -> Finding:
    """Sets that have no normal form: part by part, in any order."""
    body = body_of(answer) if left.kind == "relation" else None
    if body is not None:
        return same(body, gold, depth)
    if left.kind != right.kind:
        return WRONG, f"a {left.kind}, where a {right.kind} is asked for"
    if right.kind == "union":
        return _cover(list(left.parts), list(right.parts), depth, exactly=True)
    if left.signs != right.signs:
        return WRONG, "other ends"
    return _each(left.parts, right.parts, depth)


_COMPARE: dict[str, Callable[[str, Shape, str, Shape, int], Finding]] = {
    "scalar": _for_value,
    "list": _for_collection,
    "set": _for_collection,
    "tuple": _for_tuple,
    "vector": _for_tuple,
    "bracket": _for_tuple,
    "matrix": _for_matrix,
    "relation": _for_relation,
}
