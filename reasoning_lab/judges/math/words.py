r"""Answers that are words: nothing, undefined, infinity, dates, times, ratios, bases.

Each kind has one canonical spelling; two answers of a kind are equal when those are. A kind meets
no other kind: `yes` is not `true`, and the time `15:30` no ratio in lower terms.
"""

import re
from datetime import date

from reasoning_lab.text.example import Verdict

Finding = tuple["Verdict | None", str]

_NOTHING = """
    no solution|no solutions|no real solution|no real solutions|none|nothing|empty set|the empty set
    |\\emptyset|\\varnothing|\\{\\}|\\{ \\}|no such number|no such numbers|there is no solution
    |there are no solutions|no real roots|no roots|no answer|x\\in\\emptyset
"""
_UNDEFINED = "undefined|dne|does not exist|not defined|is undefined|it is undefined"
_INFINITY = "\\infty|+\\infty|infinity|+infinity|positive infinity|(\\infty)|(+\\infty)"
_MINUS = "-\\infty|-infinity|negative infinity|minus infinity|(-\\infty)"
_WORDS = {
    word.strip(): name
    for name, words in (
        ("no solution", _NOTHING),
        ("undefined", _UNDEFINED),
        ("infinity", _INFINITY),
        ("minus infinity", _MINUS),
    )
    for word in words.split("|")
}
_BASED = re.compile(r"([0-9A-Za-z]+)_\{?(\d{1,2})\}?")
_RATIO = re.compile(r"\d[\d.]*(?: ?(?::|to) ?\d[\d.]*)+")
_FRACTION = re.compile(r"(\d+)/(\d+)|\\frac\{(\d+)\}\{(\d+)\}", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?::(\d\d))?(?::(\d\d))? ?(?:([AaPp])\.? ?[Mm]\.?)?", re.ASCII)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:size]: n for n, name in enumerate(_MONTHS.split(), 1) for size in (3, len(name))}
_MONTH["sept"] = 9
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([A-Za-z]{3,9})\.?,? (\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,? (?=\S)", re.IGNORECASE)


def same_words(answer: str, gold: str) -> Finding | None:
    """Compare two normal forms where either is of a kind of this module; None where neither is."""
    wanted = word(gold)
    if wanted or word(answer):
        if wanted and wanted == word(answer):
            return Verdict.CORRECT, f"{wanted}, in other words"
        return Verdict.WRONG, f"not {wanted or 'a word'}"
    if (fraction := _FRACTION.fullmatch(answer)) and (terms := ratio(gold)):
        given = f"{fraction[1] or fraction[3]}:{fraction[2] or fraction[4]}"
        return (
            (Verdict.CORRECT, "the same ratio")
            if given == terms
            else (Verdict.WRONG, "another ratio")
        )
    if not gold[:1].isalnum() or not answer[:1].isalnum() or len(gold) > 60:
        return None
    if _BASED.fullmatch(gold) or _BASED.fullmatch(answer):
        return _same_base(answer, gold)
    for kind, canonical in (("time", clock), ("date", day), ("ratio", ratio)):
        wanted, given = canonical(gold), canonical(answer)
        if wanted and given:
            if wanted == given:
                return Verdict.CORRECT, f"the same {kind}"
            return Verdict.WRONG, f"another {kind}"
        if wanted:
            return Verdict.WRONG, f"no {kind}"
    return (Verdict.WRONG, "a ratio or time for a value") if ratio(answer) else None


def word(form: str) -> str:
    """The canonical word for nothing, undefined and the infinities; "" for anything else."""
    return _WORDS.get(form) or _WORDS.get(form.lower(), "") if len(form) < 30 else ""


def _same_base(answer: str, gold: str) -> Finding | None:
    left, right = _BASED.fullmatch(answer), _BASED.fullmatch(gold)
    if not (left and right and left[1][0].isdigit() | right[1][0].isdigit()):
        numerals = [m for m in (left, right) if m and m[1].isdigit()]
        return (Verdict.WRONG, "a numeral in another base") if numerals else None
    if left[2] != right[2]:
        return Verdict.WRONG, "a numeral in another base"
    same = left[1].lstrip("0").upper() == right[1].lstrip("0").upper()
    return (Verdict.CORRECT, "the same numeral") if same else (Verdict.WRONG, "another numeral")


def ratio(form: str) -> str:
    """`3:4` for a ratio in any spacing, "" for anything else. Ratios are not reduced."""
    return re.sub(r" ?(?::|to) ?", ":", form) if _RATIO.fullmatch(form) else ""


def clock(form: str) -> str:
    """`15:30:00` for a time of day with a colon or am/pm, "" for anything else."""
    match = _TIME.fullmatch(form)
    if match is None or (match[2] is None and match[4] is None):
        return ""
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if match[4] in "pP" else 0)
    return f"{hour:02}:{minute:02}:{second:02}" if hour < 24 and max(minute, second) < 60 else ""


def day(form: str) -> str:
    """The ISO form of an unambiguous date, "" for anything else: `3/5/2024` is none."""
    form = _WEEKDAY.sub("", form, count=1)
    for pattern, order in ((_ISO, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2))):
        if match := pattern.fullmatch(form):
            year, month, number = (match[place] for place in order)
            of_year = int(month) if month.isdigit() else _MONTH.get(month.lower(), 0)
            try:
                return date(int(year), of_year, int(number)).isoformat()
            except ValueError:
                return ""
    return ""
