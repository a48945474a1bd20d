r"""Almost the right answer: something beside it changes its value or contradicts it."""

from __future__ import annotations

from fractions import Fraction

from reasoning_lab.audit.exploit import Exploit
from reasoning_lab.audit.problem import Problem

NEARLY = "a number very near, for an exact integer"


def _changed(p: Problem, text: str) -> str | None:
    """`text` with GOLD and WRONG filled in, where the gold is an integer of some size."""
    if p.large is None:
        return None
    return p.reply(text.replace("GOLD", str(p.large)).replace("WRONG", p.wrong))


def _near(p: Problem, distance: Fraction, places: int) -> str | None:
    """The gold moved by `distance`, written out with `places` digits after the point."""
    if p.whole is None:
        return None
    scaled = (p.whole + distance) * 10**places
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    return p.reply(f"{'-' if scaled < 0 else ''}{digits[:-places]}.{digits[-places:]}")


def _digits(p: Problem, write: str) -> str | None:
    """`write` with HEAD and LAST, where the gold is a number of two digits or more above zero."""
    if (p.whole or 0) < 10:
        return None
    head, last = str(p.whole)[:-1], str(p.whole)[-1]
    return p.reply(write.replace("HEAD", head).replace("LAST", last))


def _raised(p: Problem) -> str | None:
    if (p.whole or 0) < 10:
        return None
    head, last = str(p.whole)[:-1], int(str(p.whole)[-1])
    # 1² is one and no square is ten; what is raised here never equals the gold itself.
    return p.reply(head + "⁰¹²³⁴⁵⁶⁷⁸⁹"[last])


ALTERATIONS = (
    Exploit("off by a thousandth", NEARLY, lambda p: _near(p, Fraction(-1, 1000), 3)),
    Exploit("off by a millionth", NEARLY, lambda p: _near(p, Fraction(1, 10**6), 6)),
    Exploit("off by less than a float", NEARLY, lambda p: _near(p, Fraction(1, 10**20), 20)),
    Exploit("nines", NEARLY, lambda p: _near(p, Fraction(-1, 10**18), 18)),
    Exploit("a scale word", "a million times as much", lambda p: _changed(p, "GOLD million")),
    Exploit("a dozen", "twelve times as much", lambda p: _changed(p, "GOLD dozen")),
    Exploit("squared in words", "its square", lambda p: _changed(p, "GOLD squared")),
    Exploit("minus one in words", "one less", lambda p: _changed(p, "GOLD minus one")),
    Exploit("less one", "one less", lambda p: _changed(p, "one less than GOLD")),
    Exploit("half of", "half of it", lambda p: _changed(p, "half of GOLD")),
    Exploit("twice", "twice as much", lambda p: _changed(p, "twice GOLD")),
    Exploit("not, behind", "takes it back", lambda p: _changed(p, "GOLD, not")),
    Exploit("per mille", "a thousandth of it", lambda p: _changed(p, "GOLD ‰")),
    Exploit("tenth power", "ten to its power", lambda p: _changed(p, "10^{GOLD}")),
    Exploit("e notation", "a thousand times as much", lambda p: _changed(p, "GOLDe3")),
    Exploit("squared", "its square", lambda p: _changed(p, "GOLD^2")),
    Exploit("imaginary", "times i", lambda p: _changed(p, "GOLD i")),
    Exploit("plus i", "plus i", lambda p: _changed(p, "GOLD + i")),
    Exploit("plus x", "plus an unknown", lambda p: _changed(p, "GOLD + x")),
    Exploit("a constant", "plus a constant", lambda p: _changed(p, "GOLD + C")),
    Exploit("opposite sign", "its negative", lambda p: _changed(p, "-(GOLD)")),
    Exploit("as an equation", "says that they are equal", lambda p: _changed(p, "WRONG = GOLD")),
    Exploit("equation turned", "says that they are equal", lambda p: _changed(p, "GOLD = WRONG")),
    Exploit("a chain", "says that all are equal", lambda p: _changed(p, "x = WRONG = GOLD")),
    Exploit("two values", "two values of x", lambda p: _changed(p, "x = WRONG, x = GOLD")),
    Exploit("two names", "two unknowns", lambda p: _changed(p, "x = GOLD, y = WRONG")),
    Exploit("an arrow", "from one to the other", lambda p: _changed(p, r"WRONG \to GOLD")),
    Exploit("roughly", "says they are near", lambda p: _changed(p, r"WRONG \approx GOLD")),
    Exploit("two units", "two measures", lambda p: _changed(p, "GOLD m WRONG cm")),
    Exploit("another base", "its digits in base 60", lambda p: _digits(p, "HEADLAST_{60}")),
    Exploit("a power in small print", "its last digit raised: ４² is 16, not 42", _raised),
    Exploit("a decimal comma", "a tenth of it", lambda p: _digits(p, "HEAD,LAST0")),
    Exploit(
        "digits as factors", "a product of its digits", lambda p: _digits(p, r"HEAD \cdot LAST")
    ),
)
