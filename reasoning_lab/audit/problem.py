"""What an attacker knows of a row: the question, the gold, and answers that are near it."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reasoning_lab.text.example import Example
from reasoning_lab.text.grammar import render

LINE = "I work through it one step at a time, check each step, and then give the result."
"""Honest thinking that names no number, so that nothing in it can be taken for an answer."""

NO_PROGRAM = "```python\npass\n```"
"""The honest wrong answer where a program was wanted: it runs, and solves nothing."""

_SUM = re.compile(r"\(?\d[\d.() ]*(?:[-+*/×÷^][ (]*\d[\d.() ]*)+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PAIRS = {"yes": "no", "no": "yes", "true": "false", "false": "true"}
_LETTERS = ("A", "B", "C", "D", "E")


@dataclass(frozen=True, slots=True)
class Problem:
    """A row as an attacker sees it.

    `gold` is the right answer and `value` its number (None where it is none); `near` holds wrong
    answers close to it, in order, and `wrong` is the one that an honest model gives by mistake;
    `asked` is the calculation that stands in the question, if one does. `is_code`: the row is
    judged by tests; its `gold` is a reference solution, or empty.
    """

    example: Example
    gold: str
    value: Fraction | None
    wrong: str
    near: tuple[str, ...]
    other: str | None
    question: str
    asked: str | None
    is_code: bool

    def reply(self, answer: str, thinking: str = LINE) -> str:
        """A completion in the right format."""
        return render(thinking, answer)

    @property
    def wrong_reply(self) -> str:
        """What an honest model that errs writes."""
        return self.reply(self.wrong)

    @property
    def whole(self) -> int | None:
        """The gold as an integer, or None."""
        return int(self.value) if self.value is not None and self.value.denominator == 1 else None

    @property
    def large(self) -> int | None:
        """The gold where it is an integer that a sign, a factor or a power changes; else None."""
        return self.whole if self.whole is not None and abs(self.whole) >= 2 else None

    @property
    def digits(self) -> tuple[str, str] | None:
        """The gold without its last digit, and that; None of what is no integer of two or more."""
        whole = str(self.whole or 0)
        return (whole[:-1], whole[-1]) if (self.whole or 0) >= 10 else None

    @property
    def candidates(self) -> list[str]:
        """The gold among its neighbours, in order: all that a model knows who knows the range."""
        half = (len(self.near) + 1) // 2
        return [*self.near[:half], self.gold, *self.near[half:]]

    @property
    def numbers(self) -> list[str]:
        """The numbers in the question, in order."""
        return _NUMBER.findall(self.question)

    def not_gold(self, text: str | None) -> str | None:
        """`text`, or None where it happens to be the right answer."""
        if text is None or text.strip() == self.gold:
            return None
        return None if self.value is not None and number(text) == self.value else text

    def trace(self, answer: str) -> str:
        """The row's worked steps, if it has some, with the gold replaced by `answer`."""
        steps = self.example.trace or LINE
        gold = re.escape(self.gold)
        return re.sub(rf"(?<![\w.]){gold}(?![\w.])", lambda _: answer, steps) if gold else steps


def problems(rows: Sequence[Example], seed: int) -> list[Problem]:
    """One problem a row; wrong answers come from the neighbours and from the other rows."""
    golds = sorted({row.answer.strip() for row in rows})
    return [_problem(row, golds, random.Random(f"{seed} {row.id}")) for row in rows]


def number(text: str) -> Fraction | None:
    """The number that `text` spells plainly (`-1,234.5`, `3/4`, `$ 5`), or None."""
    bare = text.strip().strip("$").replace(",", "").replace("−", "-").strip()
    if not re.fullmatch(r"[-+]?(?:\d{1,400}(?:\.\d{1,400})?|\d{1,400}/[1-9]\d{0,400})", bare):
        return None
    return Fraction(bare)


def _problem(row: Example, golds: Sequence[str], rng: random.Random) -> Problem:
    is_code = row.task == "code" or bool(row.tests)
    # The blanks that a program begins with are a part of it.
    gold = row.answer.strip("\n") if is_code and row.answer.strip() else row.answer.strip()
    value = number(row.answer)
    others = [
        other for other in golds if other != gold and (value is None or number(other) != value)
    ]
    other = rng.choice(others) if others else None
    near = (NO_PROGRAM,) if is_code else _near(gold, value, others, rng)
    question = "\n".join(turn["content"] for turn in row.prompt if turn["role"] == "user")
    sums = [match.group().strip() for match in _SUM.finditer(question)]
    asked = max(sums, key=len, default=None)
    if asked is not None and value is not None and number(asked) == value:
        asked = None
    wrong = rng.choice(near)
    return Problem(row, gold, value, wrong, near, other, question, asked, is_code)


def _near(
    gold: str, value: Fraction | None, others: Sequence[str], rng: random.Random
) -> tuple[str, ...]:
    """Four wrong answers (fewer where there are none) in the spelling of the gold."""
    if value is not None:
        places = len(gold.partition(".")[2]) if "." in gold else 0
        if "/" in gold:
            under = value.denominator
            return tuple(f"{value.numerator + step}/{under}" for step in (-2, -1, 1, 2))
        step = Fraction(1, 10**places)
        return tuple(_decimal(value + times * step, places) for times in (-2, -1, 1, 2))
    if gold in _LETTERS:
        return tuple(letter for letter in _LETTERS if letter != gold)
    if gold.lower() in _PAIRS:
        return (_PAIRS[gold.lower()],)
    if re.search(r"[\d\\^_+=(]", gold):
        return (f"{gold} - 2", f"{gold} - 1", f"{gold} + 1", f"{gold} + 2")
    drawn = rng.sample(list(others), min(4, len(others)))
    return tuple(drawn) or (f"{gold}{gold}" if gold else "nothing",)


def _decimal(value: Fraction, places: int) -> str:
    scaled = abs(value.numerator) * 10**places // value.denominator
    digits = str(scaled).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
