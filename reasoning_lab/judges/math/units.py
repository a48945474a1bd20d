"""Units and currencies: what may stand behind a number without changing it.

Policy. A unit is compared only when both sides state one: `5 apples` meets the gold `5`, `$5`
meets `5 dollars`, `5 m` does not meet `5 cm`, and nothing is converted (`500 cm` does not meet
`5 m`). Behind a number, words from the tables below are units; other plain nouns are units too,
unless a word in them changes the number (`5 hundred`), hedges (`5 or`) or negates.
"""

import re
from functools import lru_cache

CURRENCY = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee"}

_NAMES = {
    "dollar": "dollars usd buck bucks",
    "cent": "cents ¢",
    "euro": "euros eur",
    "pound": "pounds gbp lb lbs",
    "yen": "jpy",
    "rupee": "rupees inr",
    "second": "seconds sec secs s",
    "minute": "minutes min mins",
    "hour": "hours hr hrs h",
    "day": "days",
    "metre": "metres meter meters m",
    "centimetre": "centimetres centimeter centimeters cm",
    "millimetre": "millimetres millimeter millimeters mm",
    "kilometre": "kilometres kilometer kilometers km kms",
    "inch": "inches in",
    "foot": "feet ft",
    "yard": "yards yd yds",
    "mile": "miles mi",
    "gram": "grams gm g",
    "kilogram": "kilograms kg kgs kilo kilos",
    "milligram": "milligrams mg",
    "ounce": "ounces oz",
    "litre": "litres liter liters l L",
    "millilitre": "millilitres milliliter milliliters ml mL",
    "degree": "degrees deg °",
    "radian": "radians rad",
    "°c": "°C celsius",
    "°f": "°F fahrenheit",
    "kilometre per hour": "km/h kph kmh",
    "mile per hour": "mph",
    "metre per second": "m/s",
    "percentage point": "pp",
    "unit": "units",
    "newton": "newtons",
    "joule": "joules",
    "watt": "watts",
    "volt": "volts",
    "hertz": "hz Hz",
    "mole": "moles",
    "week": "weeks wk wks",
    "month": "months",
    "year": "years yr yrs",
}
_TABLE = {name: name for name in _NAMES} | {
    alias: name for name, aliases in _NAMES.items() for alias in aliases.split()
}
_POWER = re.compile(r"(\S+?)\^\{?([23])\}?|(\S+?)([²³])")
_SUPERSCRIPT = {"²": "2", "³": "3"}
_NOUN = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+){0,3}")
_SMALL = frozenset(("a", "an", "of", "per", "in", "on", "the", "each", "for"))
# Words that change, hedge, negate or extend the number before them.
_ALTERING = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    hundred hundreds thousand thousands million millions billion billions trillion trillions
    dozen dozens gross score scores half halves third thirds quarter quarters fourth fourths fifth
    fifths sixth sixths seventh sevenths eighth eighths ninth ninths tenth tenths hundredth
    hundredths thousandth thousandths percent percents permille
    and or nor not but if to plus minus times over divided by squared cubed factorial choose mod
    modulo remainder less more fewer than about approximately roughly almost nearly around least
    most maybe perhaps probably possibly either neither between except without wrong incorrect
    false true is are was were equals equal point negative positive root roots sqrt base binary
    hex octal pi infinity infinite log sin cos tan exp mol power raised double twice triple
    crore crores lakh lakhs quadrillion quadrillions quintillion quintillions zillion zillions
    myriad grand mille bps inverse inverses reciprocal reciprocals factorials thousandfold only
    uncertain unknown unsure guess guesses guessed nope wrongs failed alternatively also then so
    because since where when which that this with unless versus
    """
ALTERING_WORDS = frozenset(_ALTERING.split())


@lru_cache(maxsize=4096)
def unit(text: str) -> str | None:
    """The canonical name of the unit `text`, or None where it is no unit.

    >>> unit("dollars"), unit("cm^2"), unit("red apples"), unit("hundred"), unit("x")
    ('dollar', 'centimetre^2', 'red apple', None, None)
    """
    text = text.strip()
    if text in _TABLE:
        return _TABLE[text]
    if match := _POWER.fullmatch(text):
        base, power = match[1] or match[3], match[2] or _SUPERSCRIPT[match[4]]
        return f"{_TABLE[base]}^{power}" if base in _TABLE else None
    if text.count("/") == 1:
        over, under = (unit(part) for part in text.split("/"))
        return f"{over} per {under}" if over and under else None
    if not _NOUN.fullmatch(text):
        return None
    words = re.split(r"[ -]", text.lower())
    for prefix, power in (("square", "2"), ("sq", "2"), ("cubic", "3"), ("cu", "3")):
        if words[0] == prefix and len(words) == 2:
            return f"{_TABLE[words[1]]}^{power}" if words[1] in _TABLE else None
    if any(word in ALTERING_WORDS or (len(word) < 3 and word not in _SMALL) for word in words):
        return _TABLE.get(text.lower())
    if words[0] in _SMALL - {"per", "of"}:
        return None
    return " ".join(_singular(word) for word in words)


def known_unit(text: str) -> str:
    r"""The canonical name of a unit of more than one letter, "" for anything else.

    Behind an expression a single letter is a variable: `2\pi m`.
    """
    return (unit(text) or "") if len(text.strip("^{}23")) > 1 and _is_known(text) else ""


def _is_known(text: str) -> bool:
    base = _POWER.fullmatch(text)
    first = (base[1] or base[3] if base else text).split("/")[0]
    return first in _TABLE or first.split(" ")[0] in ("square", "cubic", "sq", "cu")


def _singular(word: str) -> str:
    """A word without its plural ending, so that `apple` and `apples` are one unit."""
    if word in _TABLE:
        return _TABLE[word]
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
