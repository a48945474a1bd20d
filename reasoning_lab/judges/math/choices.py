r"""Multiple choice: `(B)`, `B.`, `B. 12` for the gold `B`, and golds that hold their option.

A gold such as `\textbf{(D)}\ 12` is the choice D whose value is 12. It is met by the letter, by
the letter with that value, and by the value alone: no other option has it. The letter with another
value contradicts itself, and `12D` is neither.
"""

import re
from collections.abc import Callable

from reasoning_lab.judges.math.scalar import RIGHT, WRONG, Finding

VALUE_OF_CHOICE = "the value of the choice, as it stands there"
_GIVEN = re.compile(
    r"(?:(?:option|choice|answer)[ :])? ?(?:\(([A-J])\)|([A-J])(?:[.):]|$))(.*)",
    re.DOTALL | re.IGNORECASE,
)
# Not `(A)^2`, `(A)=5` or `(A)\cup(B)`, which are mathematics.
_WITH_VALUE = re.compile(
    r"(?:\(([A-J])\)|([A-J])(?:[.)]|: )) ?"
    r"((?!['^_=*/+!<>|)\]]|\\(?:cup|cap|times|cdot|to|in|subset|setminus|begin)(?![A-Za-z])).+)",
    re.DOTALL,
)
_RELATION = re.compile(r"[=<>]|\\(?:le|ge|ne|in)(?![A-Za-z])")
_OTHER_CHOICE = re.compile(
    r"(?<![A-Za-z])\(?[A-J][).:]|\b(?:or|and|not) \(?[A-J]\b|, ?[A-J]\Z"
    r"|\A ?(?:is|are|isn't|maybe|wrong|incorrect|false)\b|\A ?(?:not|nope|i do not know)\Z"
    r"|\A[ .;:|/+,&]*\(?[A-HJ][ ).]*\Z|(?:\\lor|\\vee|\\cup|[|/;+,&]) ?\(?[A-HJ](?![A-Za-z])"
    r"|\b(?:possibly|otherwise|guess|perhaps|either|else) \(?[A-J](?![A-Za-z])",
    re.IGNORECASE,
)
_CHOICE_BEHIND = re.compile(r"(.*\S) ?\(([A-J])\)", re.DOTALL)


def same_choice(answer: str, gold: str, same: Callable[[str, str], Finding]) -> Finding | None:
    """Compare two normal forms where the gold is a choice, or the answer names one before its
    value; None where neither is so. `same` compares values.
    """
    if len(gold) == 1 and "A" <= gold <= "J":
        return _letter(answer, gold) if len(answer) > 1 else None
    if wanted := with_value(gold):
        return _with_value(answer, *wanted, same)
    if (given := with_value(answer)) and same(given[1], gold)[0] is RIGHT:
        return RIGHT, "the value behind its choice"
    return None


def with_value(form: str) -> tuple[str, str] | None:
    r"""The letter and the value of `(D)12`, `D. 12`, `D) 12`; None for anything else.

    >>> with_value("(D)\\frac{1}{2}"), with_value("(A)(B)"), with_value("C: x=1")
    (('D', '\\frac{1}{2}'), None, None)
    """
    match = _WITH_VALUE.fullmatch(form)
    if match is None or _OTHER_CHOICE.search(match[3]):
        return None
    if form[1] == ":" and _RELATION.search(match[3]):
        return None  # the curve C: x^2+y^2=1
    return match[1] or match[2], match[3].strip()


def _letter(answer: str, gold: str) -> Finding | None:
    """A letter as gold: no second choice may follow."""
    match = _GIVEN.fullmatch(answer)
    if match is None:
        return None
    if (match[1] or match[2]).upper() != gold:
        return WRONG, "another choice"
    if _OTHER_CHOICE.search(match[3]):
        return WRONG, "several choices"
    return RIGHT, "the same choice"


def _with_value(
    answer: str, letter: str, value: str, same: Callable[[str, str], Finding]
) -> Finding:
    """A letter with its value as gold."""
    if len(answer) == 1 and answer.isalpha() and answer != value:
        return (RIGHT, "the same choice") if answer == letter else (WRONG, "another choice")
    if match := _CHOICE_BEHIND.fullmatch(answer):
        given, rest = match[2], match[1]
    elif match := _GIVEN.fullmatch(answer):
        given, rest = (match[1] or match[2]).upper(), match[3].strip(" :")
    else:
        return (RIGHT, VALUE_OF_CHOICE) if answer == value else same(answer, value)
    if given != letter:
        return WRONG, "another choice"
    if rest and same(rest, value)[0] is not RIGHT:
        return WRONG, "the choice with another value"
    return RIGHT, "the same choice"
