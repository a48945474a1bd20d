r"""The outer shape of an answer: a value, a list, a set, a tuple, an interval, an equation …

Only the top level is read; the parts are texts again, and are compared as such. A text that has
no shape of its own is a value ("scalar").
"""

import re
from functools import lru_cache
from typing import NamedTuple

from reasoning_lab.judges.math.expression_exact import InexactError, UndefinedError, exact
from reasoning_lab.judges.math.expression_parse import read
from reasoning_lab.judges.math.expression_tokens import TooBigError

MAX_PARTS = 200
_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\le": "<=", "\\ge": ">=", "\\ne": "!=", "\\in": "in",
    "\\notin": "notin",
    "<=": "<=", ">=": ">=", "!=": "!=", "\\lt": "<", "\\gt": ">", "\\equiv": "mod",
    "\\approx": "~",
}  # fmt: skip
_STEP = re.compile(
    r"""
    \\begin\{[a-z]{1,9}\*?\} | \\end\{[a-z]{1,9}\*?\}
  | \\langle(?![a-z]) | \\rangle(?![a-z]) | \\[{}|] | [(\[{] | [)\]}] | \\\\
  | (?P<relation>\\(?:equiv|approx|le|ge|ne|in|notin|lt|gt)(?![A-Za-z]) | <= | >= | != | [<>=])
  | (?P<cup>\\cup(?![a-z])) | (?P<cap>\\cap(?![a-z]))
  | (?P<minus>\\setminus(?![a-z])|\\backslash(?![a-z]))
  | (?P<or>,?(?:[ ]|(?<=[)\]}°%]))(?:or|and)(?:[ ]|(?=[-+\\(\[{|]))
        |\\(?:lor|vee|land|wedge)(?![a-z]))
  | (?P<comma>[,;]) | \\[A-Za-z]+
    """,
    re.VERBOSE,
)
_VECTOR = re.compile(r"<([^<>=]+,[^<>=]+)>")
_MATRIX = re.compile(
    r"([^&]{0,40}?)\\begin\{([pbBv]?matrix|array|smallmatrix)\}(?:\{[lcr|]+\})?(.*)\\end\{\2\}",
    re.DOTALL,
)
_PM = re.compile(r"\\(?:pm|mp)(?![A-Za-z])")
_REALS = (
    "\\mathbb{R}", "\\mathbb R", "\\Bbb{R}", "\\R", "\\reals", "all real numbers", "all reals",
)  # fmt: skip


class Shape(NamedTuple):
    """`kind`, the texts of its parts, and the signs that part or enclose them.

    scalar · list (signs: "or", "and" or "," between the parts) · set · tuple (round) · bracket
    (square) · half (one of each) · vector · matrix (signs: parts in a row) · union · meet ·
    minus · reals · relation (signs: the relations between the parts) · builder (a set by its
    condition)
    """

    kind: str
    parts: tuple[str, ...]
    signs: tuple[str, ...] = ()


@lru_cache(maxsize=16_384)
def shape(form: str) -> Shape:
    """The shape of the normal form `form`. Never raises.

    >>> shape("1, 2").kind, shape("(1, 2]").signs, shape("x=5").parts
    ('list', ('(', ']'), ('x', '5'))
    """
    form = form.strip()
    if form.isalnum():
        return Shape("scalar", (form,))
    if form in _REALS:
        return Shape("reals", ())
    if match := _VECTOR.fullmatch(form):
        return Shape("vector", _split(match[1], "comma")[0])
    parts, signs = _split(form, "comma", "or")  # these bind looser than relations
    if len(parts) > 1:
        return Shape("list", parts, signs)
    parts, signs = _split(form, "relation")
    if len(parts) > 1:
        return Shape("relation", parts, signs)
    for kind, name in (("union", "cup"), ("meet", "cap"), ("minus", "minus")):
        parts, signs = _split(form, name)
        if len(parts) > 1 and all(parts):
            return Shape(kind, parts)
    return _enclosed(form) or _plus_minus(form) or Shape("scalar", (form,))


def _split(form: str, *names: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of `form` between the named signs at the top level, and those signs."""
    parts, signs, depth, start = [], [], 0, 0
    for match in _STEP.finditer(form):
        token = match.group()
        if match.lastgroup is None or match.lastgroup not in names:
            depth += _depth(token)
        elif depth == 0:
            parts.append(form[start : match.start()].strip())
            signs.append(_sign(token))
            start = match.end()
    parts.append(form[start:].strip())
    if len(parts) > MAX_PARTS:
        return (form,), ()
    if "comma" in names:
        kept = [(part, sign) for part, sign in zip(parts, ["", *signs], strict=True) if part]
        return tuple(part for part, _ in kept), tuple(sign for _, sign in kept[1:])
    return tuple(parts), tuple(signs)


def _depth(token: str) -> int:
    if token in ("(", "[", "{", "\\{", "\\langle") or token.startswith("\\begin"):
        return 1
    if token in (")", "]", "}", "\\}", "\\rangle") or token.startswith("\\end"):
        return -1
    return 0


def _sign(token: str) -> str:
    token = token.strip()
    if token in _RELATIONS:
        return _RELATIONS[token]
    words = token.strip(", ")
    if words in ("and", "\\land", "\\wedge"):
        return "and"
    return "or" if words.startswith("or") or words in ("\\lor", "\\vee") else ","


def _enclosed(form: str) -> Shape | None:
    """What stands between one pair of brackets around the whole form."""
    bare = form[1:-1].strip() if form[:1] + form[-1:] in ("()", "[]") else form
    if match := _MATRIX.fullmatch(bare):
        return _matrix(match[3], match[1]) if match[2] != "vmatrix" else None
    for left, right in (("\\{", "\\}"), ("\\langle", "\\rangle"), ("(", ""), ("[", ""), ("{", "}")):
        if form.startswith(left) and _closes_last(form):
            ending = right or form[-1]
            inner = form[len(left) : -len(ending)] if form.endswith(ending) else ""
            return _bracketed(left, inner, ending) if inner.strip() else None
    return None


def _closes_last(form: str) -> bool:
    """Whether the bracket that opens at the start closes at the very end."""
    depth = 0
    for match in _STEP.finditer(form):
        depth += _depth(match.group())
        if depth <= 0:
            return match.end() == len(form)
    return False


def _bracketed(left: str, inner: str, right: str) -> Shape | None:
    parts, _ = _split(inner, "comma")
    if left in ("\\{", "{"):
        for bar in ("\\mid", "|", ":"):
            head, found, condition = inner.partition(bar)
            if found and condition and _condition(head, condition):
                return Shape("builder", (head.strip(), condition.strip()))
        return Shape("set", parts) if left == "\\{" or len(parts) > 1 else None
    if left == "\\langle":
        return Shape("vector", parts)
    if len(parts) < 2 and (left, right) != ("[", "]"):
        return None
    rows = [_split(row[1:-1], "comma")[0] for row in parts if row[:1] + row[-1:] == "[]"]
    if left == "[" and len(rows) == len(parts) and len({len(row) for row in rows}) == 1:
        return Shape("matrix", tuple(part for row in rows for part in row), (str(len(rows[0])),))
    if (left, right) == ("(", ")"):
        return Shape("tuple", parts)
    if (left, right) == ("[", "]"):
        return Shape("bracket", parts)
    return Shape("half", parts, (left, right)) if len(parts) == 2 else None


def _condition(head: str, condition: str) -> bool:
    """Whether `head | condition` reads as a set given by a condition."""
    return re.fullmatch(r"[A-Za-z](?: ?\\in ?\\mathbb ?\{?R\}?)?", head.strip()) is not None and (
        shape(condition).kind in ("relation", "list")
    )


def _matrix(body: str, factor: str) -> Shape | None:
    rows = [row for row in body.replace("\\hline", "").split("\\\\") if row.strip()]
    cells = [[cell.strip() for cell in row.split("&")] for row in rows]
    if not cells or len({len(row) for row in cells}) > 1 or len(cells) * len(cells[0]) > MAX_PARTS:
        return None
    parts = tuple(_times(factor.strip(" *"), cell) for row in cells for cell in row)
    return Shape("matrix", parts, (str(len(cells[0])),))


def _times(factor: str, cell: str) -> str:
    """A factor before a matrix, carried out where both are rational."""
    if not factor:
        return cell
    product = read(f"{factor}({cell})")
    try:
        return f"({factor})({cell})" if isinstance(product, str) else str(exact(product, {}))
    except (InexactError, UndefinedError, TooBigError, KeyError):
        return f"({factor})({cell})"


def _plus_minus(form: str) -> Shape | None:
    r"""`a \pm b` as the list of its two values; one sign only, more have no settled meaning."""
    if len(_PM.findall(form)) != 1:
        return None
    return Shape("list", (_PM.sub("+", form), _PM.sub("-", form)), ("pm",))
