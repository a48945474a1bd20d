r"""A gold answer, parsed once, and what may be wrong with it.

A gold that cannot be given by any completion, or has no value, judges nothing: it is found when
the data is loaded and not at step 400.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from reasoning_lab.judges.math.answer import MAX_ANSWER, final_answer
from reasoning_lab.judges.math.expression import value
from reasoning_lab.judges.math.expression_exact import UndefinedError, variables
from reasoning_lab.judges.math.expression_numeric import UndecidedError
from reasoning_lab.judges.math.expression_parse import read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.math.number import Simple, simple
from reasoning_lab.judges.math.shape import shape

_TAGS = ("<think>", "</think>", "<answer>", "</answer>")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_OVER_ZERO = re.compile(r"/ ?0+(?![\d.])|\\frac\{[^{}]*\}\{0+\}")


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold answer: as it stands, its normal form, whether it lists several values, what is
    wrong with it ("" if sound), and the number it is, if it is spelled simply.
    """

    text: str
    form: str
    several: bool
    problem: str
    simple: Simple | None = None


@lru_cache(maxsize=65_536)
def parse_gold(gold: str) -> Gold:
    r"""Parse a gold answer; `problem` says why it can judge nothing, if so. Never raises.

    >>> parse_gold("$\\dfrac12$").form, parse_gold("\\frac{1}{0}").problem
    ('\\frac{1}{2}', 'the gold answer divides by zero')
    """
    text = gold.strip()
    if (plain := simple(text)) is not None:
        return Gold(text, normalise(text), False, "", plain)
    problem = _problem(text)
    if not problem:
        # A gold must be found again when a completion gives it, letter by letter.
        final = final_answer(f"<answer>{text}</answer>")
        if len(final.answers) == 1:
            text = final.answers[0]
        else:
            problem = "the gold answer cannot be given: " + (final.fault or "it has several boxes")
    form = "" if problem else normalise(text)
    if not problem:
        problem = _no_value(form)
    several = not problem and shape(form).kind in ("list", "set")
    return Gold(text, form, several, problem)


def _problem(text: str) -> str:
    """What is wrong with a gold before it is read."""
    if not text:
        return "the gold answer is empty"
    if len(text) > MAX_ANSWER:
        return f"the gold answer has more than {MAX_ANSWER} characters"
    if any(tag in text for tag in _TAGS):
        return "the gold answer holds think or answer tags"
    if not _balanced(text):
        return "the braces of the gold answer do not pair up"
    return ""


def _balanced(text: str) -> bool:
    depth = 0
    for match in _BRACE.finditer(text):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth < 0:
            return False
    return depth == 0


def _no_value(form: str) -> str:
    """What is wrong with the normal form of a gold."""
    if not form:
        return "the gold answer is empty"
    if not _OVER_ZERO.search(form):
        return ""
    tree = read(form)
    if isinstance(tree, str) or variables(tree):
        return ""
    try:
        value(tree, {})
    except UndefinedError:
        return "the gold answer divides by zero"
    except (UndecidedError, TooBigError):
        return ""
    return ""
