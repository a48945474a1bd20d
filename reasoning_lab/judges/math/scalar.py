r"""Is one value another? Numbers first, then expressions; a finding, or "ask math-verify".

Exact where the gold is exact, with two tolerances only:
(a) the gold is a decimal with three digits or more behind the point, so it was rounded: an answer
    that rounds to it is correct;
(b) the gold has no finite decimal (1/3, \sqrt{2}): a decimal of six significant digits or more
    that is correctly rounded is correct.
A number as gold asks for a value: an answer that leaves `+ - × ÷` standing restates a
calculation. Closed forms (2^{10}, \sqrt{16}, 5!) are values.
"""

import re
from fractions import Fraction
from functools import lru_cache

from reasoning_lab.judges.math.expression import equal, same_value, value
from reasoning_lab.judges.math.expression_exact import UndefinedError, variables
from reasoning_lab.judges.math.expression_numeric import UndecidedError, context
from reasoning_lab.judges.math.expression_parse import Tree, read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.normal import squeeze
from reasoning_lab.judges.math.number import Quantity, TooLargeError, quantity
from reasoning_lab.judges.math.restated import is_calculation, numbers, restates
from reasoning_lab.judges.math.units import known_unit
from reasoning_lab.text.example import Verdict

ROUNDED_PLACES = 3  # digits behind the point from which a decimal gold is taken as rounded
ENOUGH_DIGITS = 6  # significant digits that a decimal for an irrational or periodic gold needs
VALUE_OF_CALCULATION = "the value of the gold, which is a calculation"
Finding = tuple["Verdict | None", str]  # None: the lab's own layers cannot tell

RIGHT, WRONG, UNPARSABLE = Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSABLE
_UNIT = re.compile(r"(?<=[ })\d])[A-Za-z°][A-Za-z/ ]*(?:\^\{?[23]\}?)?\Z")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{4,}|(?<![\\A-Za-z])(?:or|and|not|is|to)(?![A-Za-z])")
_UNEVALUATED = re.compile(r"\\(?:dots|sum|prod|i{1,3}nt|oint|lim|max|min|sup|inf)(?![A-Za-z])")


@lru_cache(maxsize=16_384)
def number(form: str) -> Quantity | str | None:
    """The number `form` spells; a text says why it is too large to compute."""
    try:
        return quantity(form)
    except TooLargeError as error:
        return f"guard: {error}"


def same_scalar(answer: str, gold: str) -> Finding:
    """Compare two normal forms that are one value each."""
    if answer == gold:
        return RIGHT, "same normalised text"
    left, right = number(answer), number(gold)
    if isinstance(left, str):
        return UNPARSABLE, left
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return same_quantity(left, right)
    if isinstance(right, Quantity) and isinstance(read(without_unit(answer)), str):
        return _unreadable(answer)
    return _same_expression(answer, gold)


def same_quantity(left: Quantity, right: Quantity) -> Finding:
    """Compare two numbers: units, value, tolerance, and whether a division was carried out."""
    if left.unit and right.unit and left.unit != right.unit:
        return WRONG, f"another unit ({left.unit}, not {right.unit})"
    if (left.percent and right.unit) or (right.percent and left.unit):
        return WRONG, "a percentage is no number with a unit"
    found = _same_value(left, right)
    if found and left.division and right.value.denominator == 1 and not right.division:
        return WRONG, "restates a division instead of carrying it out"
    if found:
        return RIGHT, found
    return WRONG, "another number"


def _same_value(left: Quantity, right: Quantity) -> str:
    """How two numbers agree, "" if they do not; `50%` is 0.5, and 50 above 1."""
    if left.percent == right.percent:
        return _close(left, right, Fraction(1))
    percent, plain = (left, right) if left.percent else (right, left)
    if percent.value == plain.value and abs(plain.value) > 1:
        return "same number"
    return _close(left, right, Fraction(1, 100) if left.percent else Fraction(100))


def _close(left: Quantity, right: Quantity, scale: Fraction) -> str:
    """How `left` times `scale` agrees with `right`."""
    scaled = left.value * scale
    if scaled == right.value:
        return "same number"
    apart = abs(scaled - right.value)
    if _is_rounded(right) and apart * 2 <= right.step:
        return "rounds to the gold"
    if _is_finite(right.value) or left.significant < ENOUGH_DIGITS:
        return ""
    return "the gold, correctly rounded" if apart * 2 <= left.step * scale else ""


def _is_rounded(gold: Quantity) -> bool:
    return gold.step > 0 and gold.places >= ROUNDED_PLACES


def _is_finite(number: Fraction) -> bool:
    """Whether the number has a finite decimal."""
    rest = number.denominator
    rest >>= (rest & -rest).bit_length() - 1
    while rest % 5 == 0:
        rest //= 5
    return rest == 1


@lru_cache(maxsize=16_384)
def _with_unit(form: str) -> tuple[str, str]:
    r"""`6\sqrt{3} cm^2` → (`6\sqrt{3}`, "centimetre^2")."""
    match = _UNIT.search(form) if form[-1:].isalpha() or form[-1:] in "23}°" else None
    while match:
        if match.start() and (unit := known_unit(match.group())):
            return form[: match.start()].rstrip(), unit
        match = _UNIT.search(form, match.start() + 1)
    return form.removeprefix("$").lstrip() if form[:1] == "$" else form, ""


def without_unit(form: str) -> str:
    """A normal form without the unit or currency that it states."""
    return _with_unit(form)[0]


def _same_expression(answer: str, gold: str) -> Finding:
    """Compare where at least one side is more than a number."""
    (left_text, left_unit), (right_text, right_unit) = _with_unit(answer), _with_unit(gold)
    if left_unit and right_unit and left_unit != right_unit:
        return WRONG, f"another unit ({left_unit}, not {right_unit})"
    left, right = _tree(left_text), _tree(right_text)
    if isinstance(left, str) or isinstance(right, str):
        return _unreadable(answer, gold)
    try:
        same, how = equal(left, right), "same value"
        if not same and _tolerated(answer, left, gold, right):
            same, how = True, "the same, rounded"
    except TooBigError as error:
        return UNPARSABLE, f"guard: {error}"
    if same is None:
        return None, "undecided by own arithmetic"
    if not same:
        return WRONG, "another value"
    found = _calculated(answer, left, gold, right)
    return (RIGHT, how) if found == (RIGHT, "same value") else found


def _calculated(answer: str, left: Tree, gold: str, right: Tree) -> Finding:
    """What is said of an answer of the right value: was it calculated?"""
    if isinstance(number(gold), Quantity):
        if restates(left, right, answer, gold):
            return WRONG, "leaves a calculation standing instead of carrying it out"
    elif is_calculation(right):
        if left[0] in "n-":
            return RIGHT, VALUE_OF_CALCULATION
        if numbers(left) != numbers(right):
            return WRONG, "another calculation of the same value"
    return RIGHT, "same value"


def _tree(form: str) -> Tree | str:
    found = number(form)
    if isinstance(found, Quantity):
        return ("n", found.value / 100 if found.percent else found.value)
    return read(form)


def _unreadable(answer: str, gold: str = "") -> Finding:
    """What is said of a text that is no expression: math-verify is only asked about formulas."""
    if gold and "\\" in gold and squeeze(answer) == squeeze(gold):
        return RIGHT, "same text but for braces and spaces"
    for form in (answer, gold):
        reason = read(without_unit(form)) if form else ""
        if isinstance(reason, str) and reason.startswith("guard"):
            return (UNPARSABLE if form is answer else None), reason
    formula = "\\" in answer and not _WORD.search(answer) and not _UNEVALUATED.search(answer)
    if formula and gold and not _WORD.search(gold):
        return None, "a form that own arithmetic does not read"
    return WRONG, "not the gold, and not an expression of its value"


def _tolerated(answer: str, left: Tree, gold: str, right: Tree) -> bool:
    """The two tolerances of the module's docstring, where one side is not rational."""
    if variables(left) or variables(right):
        return False
    given, wanted = number(answer), number(gold)
    try:
        if isinstance(wanted, Quantity) and _is_rounded(wanted) and not wanted.percent:
            return _within(value(left, {}), wanted.value, wanted.step / 2)
        if isinstance(given, Quantity) and not isinstance(wanted, Quantity):
            scale = Fraction(1, 100) if given.percent else Fraction(1)
            exactly = value(right, {})
            if given.significant < ENOUGH_DIGITS or _finite(exactly):
                return False
            return _within(exactly, given.value * scale, given.step * scale / 2)
    except (UndefinedError, UndecidedError):
        return False
    return False


def _finite(number: object) -> bool:
    return isinstance(number, Fraction) and _is_finite(number)


def _within(exactly: object, middle: Fraction, half: Fraction) -> bool:
    if isinstance(exactly, Fraction):
        return abs(exactly - middle) <= half
    mp = context()
    if mp.im(exactly):
        return False
    apart = abs(exactly - mp.mpf(middle.numerator) / middle.denominator)
    return bool(apart <= mp.mpf(half.numerator) / half.denominator) or bool(
        same_value(exactly, middle)
    )
