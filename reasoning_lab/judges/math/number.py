r"""Numbers as exact rationals: integers, decimals, fractions, percent, powers of ten.

Nothing is evaluated: a text is a number when it *is written* as one. `2+3`, `\sqrt{4}`, `9^9`
and `5!` are not. The cost is bounded before any arithmetic: at most `MAX_DIGITS` characters and
powers of ten up to `MAX_EXPONENT`, so `1e999999999` costs a regular expression and no more.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from reasoning_lab.judges.math.units import CURRENCY, unit

MAX_DIGITS = 1000  # characters of a number, well under Python's own limit of 4300 digits
MAX_EXPONENT = 400  # of ten

_DECIMAL = r"\d+(?:\.\d*)?|\.\d+"
_NUMBER = re.compile(
    rf"""
    (?P<sign>[+-]?) (?P<currency>[$€£¥₹]?) (?P<inner>[+-]?)
    (?:
        \\frac\{{(?P<a>[+-]?\d+)\}}\{{(?P<b>[+-]?\d+)\}}
      | (?P<whole>\d+)(?:[ ](?P<c>\d+)/(?P<d>\d+)|\\frac\{{(?P<e>\d+)\}}\{{(?P<f>\d+)\}})
      | (?P<p>\d+)/(?P<q>\d+)
      | (?:(?P<mantissa>{_DECIMAL})[ ]?(?:\*|\\times|\\cdot|x)[ ]?)?
        10\^(?:\{{(?P<tens>[+-]?\d+)\}}|(?P<ten>[+-]?\d+))
      | (?P<decimal>{_DECIMAL})(?:[eE](?P<exponent>[+-]?\d+))?
    )
    (?P<unit>[ ]?(?:%|[^\d\W]|°|¢|[$€£¥₹]).*)?
    """,
    re.VERBOSE | re.ASCII,
)
_PERCENT = frozenset(
    ("%", "percent", "per cent", "percents", "percentage", "percentages", "pct", "pct.", "p.c.")
)
_PLAIN = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it was written.

    `value` is exact; for a percentage it is the number before the sign. `unit` is canonical
    (`units.unit`), "" if none was stated. `division`: written as a quotient of integers that
    divides without remainder, which restates a division rather than carries it out. Of a decimal
    `places` are the digits written behind the point, `significant` those without leading zeros,
    and `step` is one unit of the last digit; all 0 for what is not written as a decimal.
    """

    value: Fraction
    unit: str = ""
    percent: bool = False
    division: bool = False
    places: int = 0
    significant: int = 0
    step: Fraction = Fraction(0)


_SIMPLE = re.compile(
    r"(-?\d{1,40})(?:\.(\d{1,40}))?|(?:(?P<minus>-?)\\[dt]?frac\{(?P<a>\d{1,40})\}\{|(?P<p>-?\d{1,40})/)"
    r"(?P<q>\d{1,40})\}?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Simple:
    """A plain integer, decimal or fraction: `over` / `under`, with `places` behind the point."""

    over: int
    under: int
    places: int
    fraction: bool


def simple(text: str) -> Simple | None:
    r"""A number in one of the few spellings that most answers have; None for all others.

    >>> simple("-0.5"), simple("42").over, simple("\\frac{1}{2}").under
    (Simple(over=-5, under=10, places=1, fraction=False), 42, 2)
    """
    match = _SIMPLE.fullmatch(text)
    if match is None:
        return None
    whole, part, _, a, p, q = match.groups()
    if whole is not None:
        places = len(part) if part else 0
        return Simple(int(whole + part) if part else int(whole), 10**places, places, False)
    if (a is None) == text.endswith("}") or not (under := int(q)):
        return None
    over = int(p) if a is None else int(match["minus"] + a)
    return Simple(over, under, 0, True)


def same_simple(given: Simple, gold: Simple) -> bool | None:
    """Whether two simple numbers are equal; None where a tolerance or a division must be seen."""
    if given.over * gold.under == gold.over * given.under:
        return True if not given.fraction or gold.fraction else None
    rounded = gold.places > 2 or (gold.fraction and given.places)
    return None if rounded else False


class TooLargeError(Exception):
    """A number that is well formed but would cost too much to compute."""


def quantity(form: str) -> Quantity | None:
    r"""The number that the normal form `form` spells, or None. Raises `TooLargeError` instead of
    computing.

    >>> quantity("-0.50").value, quantity("\\frac{1}{2}").value, quantity("1 1/2").value
    (Fraction(-1, 2), Fraction(1, 2), Fraction(3, 2))
    """
    if _PLAIN.fullmatch(form):
        return Quantity(Fraction(int(form)))
    if len(form) > MAX_DIGITS:
        if form[:100].lstrip("+-").isdigit():
            raise TooLargeError(f"more than {MAX_DIGITS} characters")
        return None
    if len(form) > 2 and form[0] == "(" and form[-1] == ")" and "," not in form:
        form = form[1:-1]
    match = _NUMBER.fullmatch(form)
    if match is None or (match["sign"] and match["inner"]):
        return None
    stated = _unit(match)
    if stated is None:
        return None
    value = _value(match)
    if value is None:
        return None
    minus = "-" in (match["sign"], match["inner"])
    places, significant, step = _precision(match)
    return Quantity(
        value=-value if minus else value,
        unit="" if stated == "%" else stated,
        percent=stated == "%",
        division=_divides(match["a"], match["b"]) or _divides(match["p"], match["q"]),
        places=places,
        significant=significant,
        step=step,
    )


def _unit(match: re.Match[str]) -> str | None:
    """The unit the number states: "" for none, "%" for percent; None where it is no unit."""
    before, behind = match["currency"], match["unit"]
    if not behind:
        return CURRENCY[before] if before else ""
    name = behind.strip()
    if name in _PERCENT:
        return None if before else "%"
    # A letter that touches the number is algebra (5m, 2x), not a unit.
    if len(name) == 1 and name.isalpha() and not behind.startswith(" "):
        return None
    named = CURRENCY.get(name) or unit(name)
    if before:
        # "$5 per day" and "$5 dollars" are dollars; "$5 apples" is a slip that costs nothing.
        return CURRENCY[before] if named else None
    return named


def _value(match: re.Match[str]) -> Fraction | None:
    """The unsigned value, or None for a fraction over zero."""
    for over, under in (("a", "b"), ("p", "q")):
        if match[over] is not None:
            return _ratio(match[over], match[under])
    if match["whole"] is not None:
        rest = _ratio(match["c"] or match["e"], match["d"] or match["f"])
        return None if rest is None else int(match["whole"]) + rest
    power = match["tens"] or match["ten"]
    if power is not None:
        return _scaled(match["mantissa"] or "1", power)
    return _scaled(match["decimal"], match["exponent"] or "0")


def _ratio(over: str, under: str) -> Fraction | None:
    return Fraction(int(over), int(under)) if int(under) else None


def _precision(match: re.Match[str]) -> tuple[int, int, Fraction]:
    """Digits behind the point, significant digits, and the value of one unit of the last."""
    decimal = match["decimal"] or match["mantissa"]
    if decimal is None:
        return 0, 0, Fraction(0)
    part = decimal.partition(".")[2]
    power = int(match["exponent"] or match["tens"] or match["ten"] or 0)
    step = Fraction(10) ** (power - len(part))
    return len(part), len(decimal.replace(".", "").lstrip("0")), step


def _scaled(decimal: str, power: str) -> Fraction:
    """`decimal` times ten to the `power`; refuses powers that would be large to write out."""
    digits = power.lstrip("+-").lstrip("0")
    if len(digits) > 4 or int(digits or "0") > MAX_EXPONENT:
        raise TooLargeError(f"a power of ten beyond {MAX_EXPONENT}")
    whole, _, fraction = decimal.partition(".")
    exponent = int(power) - len(fraction)
    value = int(whole + fraction)
    return Fraction(value * 10**exponent) if exponent >= 0 else Fraction(value, 10**-exponent)


def _divides(over: str | None, under: str | None) -> bool:
    if over is None or under is None or int(under) in (0, 1):
        return False
    return int(over) % int(under) == 0
