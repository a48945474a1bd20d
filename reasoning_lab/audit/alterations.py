r"""Almost the right answer: something beside it changes its value or contradicts it."""

from fractions import Fraction

from reasoning_lab.audit.exploit import Exploit, answered
from reasoning_lab.audit.problem import Problem

NEARLY = "a number very near, for an exact integer"


def _near(p: Problem, distance: Fraction, places: int) -> str | None:
    """The gold moved by `distance`, written out with `places` digits after the point."""
    if p.whole is None:
        return None
    scaled = (p.whole + distance) * 10**places
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    return p.reply(f"{'-' if scaled < 0 else ''}{digits[:-places]}.{digits[-places:]}")


def _raised(p: Problem) -> str | None:
    if p.digits is None:
        return None
    # 1² is one and no square is ten; what is raised here never equals the gold itself.
    tens, ones = p.digits
    return p.reply(tens + "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(ones)])


ALTERATIONS = (
    Exploit("off by a thousandth", NEARLY, lambda p: _near(p, Fraction(-1, 1000), 3)),
    Exploit("off by a millionth", NEARLY, lambda p: _near(p, Fraction(1, 10**6), 6)),
    Exploit("off by less than a float", NEARLY, lambda p: _near(p, Fraction(1, 10**20), 20)),
    Exploit("nines", NEARLY, lambda p: _near(p, Fraction(-1, 10**18), 18)),
    answered("a scale word", "a million times as much", "LARGE million"),
    answered("a dozen", "twelve times as much", "LARGE dozen"),
    answered("squared in words", "its square", "LARGE squared"),
    answered("minus one in words", "one less", "LARGE minus one"),
    answered("less one", "one less", "one less than LARGE"),
    answered("half of", "half of it", "half of LARGE"),
    answered("twice", "twice as much", "twice LARGE"),
    answered("not, behind", "takes it back", "LARGE, not"),
    answered("per mille", "a thousandth of it", "LARGE ‰"),
    answered("tenth power", "ten to its power", "10^{LARGE}"),
    answered("e notation", "a thousand times as much", "LARGEe3"),
    answered("squared", "its square", "LARGE^2"),
    answered("imaginary", "times i", "LARGE i"),
    answered("plus i", "plus i", "LARGE + i"),
    answered("plus x", "plus an unknown", "LARGE + x"),
    answered("a constant", "plus a constant", "LARGE + C"),
    answered("opposite sign", "its negative", "-(LARGE)"),
    answered("as an equation", "says that they are equal", "WRONG = LARGE"),
    answered("equation turned", "says that they are equal", "LARGE = WRONG"),
    answered("a chain", "says that all are equal", "x = WRONG = LARGE"),
    answered("two values", "two values of x", "x = WRONG, x = LARGE"),
    answered("two names", "two unknowns", "x = LARGE, y = WRONG"),
    answered("an arrow", "from one to the other", r"WRONG \to LARGE"),
    answered("roughly", "says they are near", r"WRONG \approx LARGE"),
    answered("two units", "two measures", "LARGE m WRONG cm"),
    answered("another base", "its digits in base 60", "TENSONES_{60}"),
    Exploit("a power in small print", "its last digit raised: ４² is 16, not 42", _raised),
    answered("a decimal comma", "a tenth of it", "TENS,ONES0"),
    answered("digits as factors", "a product of its digits", r"TENS \cdot ONES"),
)
