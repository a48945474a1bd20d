r"""A gold answer, parsed once, and what may be wrong with it.

A gold that cannot be given by any completion, or has no value, judges nothing: it is found when
the data is loaded and not at step 400.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from reasoning_lab.judges.math.answer import MAX_ANSWER, final_answer
from reasoning_lab.judges.math.doubled import as_single
from reasoning_lab.judges.math.expression import value
from reasoning_lab.judges.math.expression_exact import UndefinedError, variables
from reasoning_lab.judges.math.expression_numeric import UndecidedError
from reasoning_lab.judges.math.expression_parse import read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.math.number import Simple, simple
from reasoning_lab.judges.math.shape import shape
from reasoning_lab.text.grammar import boxed

_TAGS = ("<think>", "</think>", "<answer>", "</answer>")
# What data sets write where they have no answer; "none" and "undefined" are answers.
_SENTINELS = frozenset(
    "proof|notfound|not found|answer not found|see proof|see the proof"
    "|see solution|see the solution|see explanation"
    "|no answer given|mcq|n/a|nan|null|tbd|todo".split("|")
)
_BOXED = re.compile(r"\\boxed ?\{")
_JOINT = re.compile(r"(?:[\s$.,;&]|\\[()\[\]]|\\(?:text|quad)(?![A-Za-z])|[{}])+")
_JOINED = re.compile(r",|;|\band\b|\bor\b")
_PLAIN_WORD = re.compile(r"[a-z]{1,12}")
_TAKES_BACK = frozenset(
    "not no never wrong false incorrect rejecting rejected reject instead except excluding without "
    "discard discarded discarding equivalently equivalent equal equals equally is since because "
    "but if than extraneous invalid".split()
)
MAX_WORDS = 8  # around and between the boxes of a gold that has several
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_OVER_ZERO = re.compile(r"/ ?0+(?![\d.])|\\frac\{[^{}]*\}\{0+\}")


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold answer: as it stands, its normal form, whether it lists several values, what is
    wrong with it ("" if sound), the number it is, if it is spelled simply, and whether doubled
    backslashes in it were read as single ones.
    """

    text: str
    form: str
    several: bool
    problem: str
    simple: Simple | None = None
    doubled: bool = False


@lru_cache(maxsize=65_536)
def parse_gold(gold: str) -> Gold:
    r"""Parse a gold answer; `problem` says why it can judge nothing, if so. Never raises.

    >>> parse_gold("$\\dfrac12$").form, parse_gold("\\frac{1}{0}").problem
    ('\\frac{1}{2}', 'the gold answer divides by zero')
    """
    text = gold.strip()
    if (plain := simple(text)) is not None:
        return Gold(text, normalise(text), False, "", plain)
    single = as_single(text)
    doubled = single is not None
    text = text if single is None else single
    problem = _problem(text)
    if not problem:
        # A gold must be found again when a completion gives it, letter by letter.
        final = final_answer(f"<answer>{text}</answer>")
        doubled = doubled or final.doubled
        if len(final.answers) == 1 or (final.answers and _lists_its_boxes(text)):
            text = ", ".join(final.answers)
        else:
            problem = "the gold answer cannot be given: " + (final.fault or "it has several boxes")
    form = "" if problem else normalise(text)
    if not problem:
        problem = _no_value(form)
    several = not problem and shape(form).kind in ("list", "set")
    return Gold(text, form, several, problem, doubled=doubled)


def _lists_its_boxes(text: str) -> bool:
    r"""Whether the boxes of a gold are the pieces of one answer: `\boxed{1} and \boxed{-2}`.

    Nothing but joints and a few plain words may stand around them, none that takes one back, and a
    joint between each two.
    """
    *between, last = _around(text)
    words = [word for part in (*between, last) for word in _JOINT.split(part) if word]
    return (
        all(_JOINED.search(part) for part in between[1:])
        and len(words) <= MAX_WORDS
        and all(_PLAIN_WORD.fullmatch(word) and word not in _TAKES_BACK for word in words)
    )


def _around(text: str) -> list[str]:
    """What stands before, between and behind the boxes of `text`."""
    found, place = [], 0
    for match, content in zip(_BOXED.finditer(text), boxed(text), strict=False):
        found.append(text[place : match.start()])
        place = match.end() + len(content) + 1
    return [*found, text[place:]]


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
    if form.lower() in _SENTINELS:
        return f"the gold answer says that there is none: {form!r}"
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
