"""Kinds of small functions: what is asked, a reference solution, the same as Python to test by.

A family is drawn with a random generator and gives a `Task`. The reference is text, the truth a
function of its own, so each checks the other (the tests of the data set do).
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

Inputs = Callable[[Random], tuple[Any, ...]]
WORDS = (
    "sum",
    "tree",
    "level",
    "noon",
    "Anna",
    "banana",
    "kiwi",
    "code",
    "a",
    "",
    "radar",
    "letters",
)


@dataclass(frozen=True)
class Task:
    """One problem: `does` completes "returns …"; `inputs` draws the arguments of one test."""

    name: str
    parameters: str
    does: str
    body: str
    truth: Callable[..., Any]
    inputs: Inputs

    @property
    def source(self) -> str:
        """The reference solution."""
        lines = "\n".join(f"    {line}" for line in self.body.split("\n"))
        return f"def {self.name}({self.parameters}):\n{lines}"


def _int(low: int, high: int) -> Inputs:
    return lambda rng: (rng.randint(low, high),)


def _ints(rng: Random) -> tuple[list[int]]:
    return ([rng.randint(-9, 9) for _ in range(rng.randint(1, 7))],)


def _word(rng: Random) -> tuple[str]:
    return (rng.choice(WORDS) + rng.choice(("", "", rng.choice(WORDS))),)


def _linear(rng: Random) -> Task:
    a, b = rng.randint(2, 99), rng.randint(1, 99)
    does = f"{a} times x, plus {b}"
    return Task("linear", "x", does, f"return {a} * x + {b}", lambda x: a * x + b, _int(-50, 50))


def _square(rng: Random) -> Task:
    b = rng.randint(1, 999)
    does = f"the square of x, minus {b}"
    return Task("square", "x", does, f"return x * x - {b}", lambda x: x**2 - b, _int(-30, 30))


def _multiple(rng: Random) -> Task:
    n = rng.randint(2, 999)
    does = f"True if {n} divides x, else False"
    body = f"return x % {n} == 0"
    inputs: Inputs = lambda r: (r.choice((n * r.randint(-5, 9), r.randint(-50, 99))),)  # noqa: E731
    return Task("divides", "x", does, body, lambda x: not x % n, inputs)


def _clip(rng: Random) -> Task:
    low = rng.randint(-40, 10)
    high = low + rng.randint(3, 40)
    does = f"x, but at least {low} and at most {high}"
    body = f"return max({low}, min({high}, x))"
    return Task("clip", "x", does, body, lambda x: sorted((low, x, high))[1], _int(-60, 60))


def _digits(rng: Random) -> Task:
    b = rng.randint(0, 999)
    does = f"the sum of the digits of x, plus {b}" if b else "the sum of the digits of x"
    body = f"return sum(int(d) for d in str(x)) + {b}" if b else "return sum(map(int, str(x)))"
    return Task("digits", "x", does, body, lambda x: sum(map(int, str(x))) + b, _int(0, 99999))


def _count(rng: Random) -> Task:
    letter = rng.choice("abdeiklmnotr")
    does = f"how often the letter {letter!r} occurs in s"
    body = f"return s.count({letter!r})"
    inputs: Inputs = lambda r: (r.choice(WORDS) + letter * r.randint(0, 3) + r.choice(WORDS),)  # noqa: E731
    return Task("count", "s", does, body, lambda s: sum(c == letter for c in s), inputs)


def _reverse(rng: Random) -> Task:
    end = rng.choice("!?.-#*")
    does = f"s reversed, with {end!r} added at its end"
    return Task(
        "reverse",
        "s",
        does,
        f"return s[::-1] + {end!r}",
        lambda s: "".join(reversed(s)) + end,
        _word,
    )


def _repeat(rng: Random) -> Task:
    n, between = rng.randint(2, 12), rng.choice("-+ ,/;:_")
    does = f"s written {n} times with {between!r} between"
    body = f"return {between!r}.join([s] * {n})"
    return Task("repeat", "s", does, body, lambda s: (s + between) * (n - 1) + s, _word)


def _larger(rng: Random) -> Task:
    n = rng.randint(-9, 8)
    does = f"the list of the numbers in xs that are larger than {n}, in their order"
    body = f"return [x for x in xs if x > {n}]"
    return Task("larger", "xs", does, body, lambda xs: list(filter(lambda x: x > n, xs)), _ints)


def _scale(rng: Random) -> Task:
    a = rng.randint(2, 999)
    does = f"the list of all numbers in xs times {a}"
    return Task(
        "scale", "xs", does, f"return [{a} * x for x in xs]", lambda xs: [x * a for x in xs], _ints
    )


def _ends(rng: Random) -> Task:
    a = rng.randint(2, 999)
    does = f"a tuple of the smallest number in xs and {a} times the largest"
    return Task(
        "ends", "xs", does, f"return min(xs), {a} * max(xs)",
        lambda xs: (sorted(xs)[0], a * sorted(xs)[-1]), _ints,
    )  # fmt: skip


def _total(rng: Random) -> Task:
    n = rng.randint(2, 6)
    does = f"the sum of the numbers at the places 0, {n}, {2 * n}, ... of xs"
    return Task(
        "total", "xs", does, f"return sum(xs[::{n}])",
        lambda xs: sum(x for place, x in enumerate(xs) if not place % n), _ints,
    )  # fmt: skip


def _mean(rng: Random) -> Task:
    b = rng.randint(1, 999)
    does = f"the mean of the numbers in xs, plus {b}"
    return Task(
        "mean", "xs", does, f"return sum(xs) / len(xs) + {b}",
        lambda xs: (sum(xs) + b * len(xs)) / len(xs), _ints,
    )  # fmt: skip


def _power(rng: Random) -> Task:
    base, modulus = rng.randint(2, 30), rng.randint(11, 99)
    does = f"{base} to the power n, modulo {modulus}"
    return Task(
        "power",
        "n",
        does,
        f"return pow({base}, n, {modulus})",
        lambda n: base**n % modulus,
        _int(0, 60),
    )


def _steps(rng: Random) -> Task:
    n = rng.randint(2, 20)
    does = f"how often n can be divided by {n}, rounding down, until it is 0"
    body = f"steps = 0\nwhile n:\n    n //= {n}\n    steps += 1\nreturn steps"

    def truth(x: int) -> int:
        return 0 if not x else 1 + truth(x // n)

    return Task("steps", "n", does, body, truth, _int(0, 5000))


def _sequence(rng: Random) -> Task:
    a, b = rng.randint(0, 20), rng.randint(1, 20)
    does = (
        f"the n-th number of {a}, {b}, {a + b}, ..., each the sum of the two before; n begins at 0"
    )
    body = f"a, b = {a}, {b}\nfor _ in range(n):\n    a, b = b, a + b\nreturn a"

    def truth(n: int) -> int:
        row = [a, b]
        while len(row) <= n:
            row.append(row[-1] + row[-2])
        return row[n]

    return Task("sequence", "n", does, body, truth, _int(0, 25))


def _lengths(rng: Random) -> Task:
    n = rng.randint(0, 4)
    does = f"a dict from each word of more than {n} letters in words to its length"
    body = f"return {{w: len(w) for w in words if len(w) > {n}}}"
    inputs: Inputs = lambda r: (r.sample(WORDS, r.randint(1, 5)),)  # noqa: E731
    return Task(
        "lengths", "words", does, body, lambda words: {w: len(w) for w in words if w[n:]}, inputs
    )


FAMILIES: dict[str, Callable[[Random], Task]] = {
    make.__name__[1:]: make
    for make in (
        _linear, _square, _multiple, _clip, _digits, _count, _reverse, _repeat, _larger, _scale,
        _ends, _total, _mean, _power, _steps, _sequence, _lengths,
    )
}  # fmt: skip
