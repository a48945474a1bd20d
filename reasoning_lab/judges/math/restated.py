r"""Does an answer leave a calculation standing that the question asked to carry out?

`123\times456` has the value 56088 and answers nothing: it hands the question back. For a gold
that is a plain number, an answer is refused where
- two plain numbers are still to be added or multiplied (3\times10^5 is a number), or divided
  evenly (other fractions are numbers, nested ones too); 2^{10}-1 is a closed form, 46^1+57 is not;
- an expression with variables has a number as a summand or factor (`46+57x/x`).
Where the number is long (20 digits or more) and the answer is shorter, it is a closed form:
2^{100}-1 is how one writes that number.

A gold that is itself a calculation of plain numbers (`22*34-7`, in puzzles that ask for one) is met
by the same numbers in another order, not by other numbers of the same value; the bare value meets
it, unless that stands in the question. The echo rule is stricter still: what stands in the
question itself is never an answer, unless it is the gold to the letter.
"""

import re
from collections import Counter
from fractions import Fraction

from reasoning_lab.judges.math.expression_exact import (
    InexactError,
    UndefinedError,
    exact,
    variables,
)
from reasoning_lab.judges.math.expression_parse import Tree, read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.spelling import one_spelling

MAX_ECHO = 500  # signs of an answer that are looked for in the question
LONG = 20  # characters of a gold number that may be answered by a shorter closed form
_TYPESETTING = re.compile(r"\\(?:left|right|displaystyle|limits|!|,|;|:|quad|qquad| )")
_SPACE = re.compile(r"[\s$~]+|\\[()\[\]]")
_GAP = "\x1f"  # for a space of the question
_SAME = (
    ("\\dfrac", "\\frac"), ("\\tfrac", "\\frac"), ("\\cdot", "*"), ("\\times", "*"), ("×", "*"),
    ("·", "*"), ("−", "-"), ("÷", "/"), ("\\div", "/"), ("{", ""), ("}", ""),
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\d.])-?\d{1,30}(?:\.\d{1,30})?(?![\d.]*\d)", re.ASCII)
_DIGITS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_PLAIN_GOLD = re.compile(r"[-+]?[\d,]*\.?\d+", re.ASCII)
_OPERATOR = re.compile(r".[-+*/^!=]|\\[A-Za-z]|[A-Za-z]\(")


def restates(tree: Tree, gold: Tree, answer_text: str, gold_text: str) -> bool:
    """Whether `tree`, equal to the number `gold`, leaves a calculation standing."""
    if gold[0] == "n" and len(gold_text) >= LONG and len(answer_text) < len(gold_text):
        return False
    return _mixes_numbers(tree) if variables(tree) else _calculates(tree)


def is_calculation(tree: Tree) -> bool:
    """Whether `tree` is made of plain numbers and `+ - × ÷` alone, with something to calculate."""
    return _is_pure(tree) and _calculates(tree)


def _is_pure(tree: Tree) -> bool:
    return tree[0] == "n" or (tree[0] in "+-*/" and all(_is_pure(part) for part in tree[1:]))


def numbers(tree: Tree) -> list[Fraction]:
    """The numbers that a calculation is made of, in order of size."""
    if tree[0] == "n":
        return [tree[1]]
    return sorted(n for part in tree[1:] if isinstance(part, tuple) for n in numbers(part))


def _rational(tree: Tree) -> Fraction | None:
    try:
        return exact(tree, {}) if not variables(tree) else None
    except (InexactError, UndefinedError, TooBigError):
        return None


def _calculates(tree: Tree) -> bool:
    """Whether somewhere two plain numbers are still to be added, multiplied or divided."""
    if tree[0] in "+*/" and not _is_scientific(tree) and _plain(tree[1]) and _plain(tree[2]):
        left, right = _rational(tree[1]), _rational(tree[2])
        if tree[0] != "/" or not left or not right:
            return True
        if (left / right).denominator == 1 != right:
            return True
    return any(_calculates(part) for part in tree[1:] if isinstance(part, tuple))


def _plain(tree: Tree) -> bool:
    r"""A written number, also where it hides behind 46^1, |46|, \sqrt{46^2}, 1! or \ln e^{46}."""
    kind = tree[0]
    if kind in "-+*/":
        return all(_plain(part) for part in tree[1:])
    if kind == "^":
        base, exponent = _rational(tree[1]), _rational(tree[2])
        return _plain(tree[1]) and (base in (-1, 0, 1) or exponent in (-1, 0, 1))
    if kind == "!":
        return _rational(tree[1]) in (0, 1, 2)
    if kind == "f":
        ln = tree[1] in ("ln", "exp") and tree[2][0] in "^f"
        return ln or (tree[1] in ("abs", "floor", "ceil") and _plain(tree[2]))
    if kind in ("root", "log"):
        return bool(tree[2][0] == "^")
    if kind == "binom":
        return _rational(tree[2]) in (0, 1)
    return bool(kind == "n")


def _is_scientific(tree: Tree) -> bool:
    r"""A number times a power of ten, as in 3\times10^5."""
    left = tree[1][1] if tree[1][0] == "-" else tree[1]
    right = tree[2]
    ten = ("n", Fraction(10))
    return bool(tree[0] == "*" and left[0] == "n" and right[0] == "^" and right[1] == ten)


def _mixes_numbers(tree: Tree) -> bool:
    """Whether a sum, product or quotient has a number as a direct part."""
    if tree[0] in "+*/" and any(_rational(part) is not None for part in tree[1:]):
        return True
    return any(_mixes_numbers(part) for part in tree[1:] if isinstance(part, tuple))


def may_echo(answer: str) -> bool:
    """Whether anything is left to calculate in an answer; one without is no echo, and most are so.

    >>> may_echo("42"), may_echo("2^{10}"), may_echo("２^{10}")
    (False, True, True)
    """
    return not answer.isascii() or _OPERATOR.search(answer) is not None


def echoes(answer: str, gold: str, question: str) -> bool:
    """Whether an unevaluated `answer` stands in the `question`, and is not the gold to the letter.

    >>> echoes("(x+1)^2", "x^2+2x+1", "Expand $(x + 1)^2$.")
    True
    """
    if not question or not _OPERATOR.search(answer):
        return False
    flat = flatten(answer)
    if len(flat) < 3 or flat == flatten(gold):
        return False
    if _uses_every_number(answer, gold, question):
        return True
    # Spaces may part the signs of the question, and a sign may not be half of a longer one there.
    signs = f"{_GAP}*".join(re.escape(sign) for sign in flat[:MAX_ECHO])
    edge = "[0-9A-Za-z]"
    before = f"(?<!{edge})" if flat[0].isalnum() else ""
    behind = f"(?!{edge})" if flat[-1].isalnum() else ""
    return re.search(before + signs + behind, flatten(question, _GAP)) is not None


def _uses_every_number(answer: str, gold: str, question: str) -> bool:
    r"""Whether an expression for a plain number is made of all numbers in the question.

    However each is dressed up (`6\sqrt{1}+9\cos 0`), the question is then handed back. Needs three
    numbers or more; zeros may be left out.
    """
    if not _PLAIN_GOLD.fullmatch(gold.strip()):
        return False
    asked = Counter(_DIGITS.findall(question))
    several = sum(asked.values()) > 2
    del asked["0"]
    return several and len(asked) > 1 and asked <= Counter(_DIGITS.findall(answer))


def stands_in(answer: str, question: str) -> bool:
    """Whether the number `answer` is among the numbers of the `question`."""
    tree = read(answer)
    if isinstance(tree, str) or (value := _rational(tree)) is None:
        return False
    return any(Fraction(found) == value for found in _NUMBER.findall(question))


def flatten(text: str, gap: str = "") -> str:
    """`text` without typesetting, and with `gap` for its spaces, to find one text in another."""
    text = _SPACE.sub(gap, _TYPESETTING.sub("", one_spelling(text)))
    for old, new in _SAME:
        text = text.replace(old, new)
    return text
