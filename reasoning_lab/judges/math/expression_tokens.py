r"""A mathematical text as tokens: numbers, letters, names and marks. Nothing else passes.

Words are refused (`about 42` is no expression), and so is every command that is not listed here:
an unknown `\foo` must never be skipped over, for it might change the value.
"""

import re
from fractions import Fraction
from typing import NamedTuple

MAX_LENGTH = 2_000  # characters of one expression
MAX_TOKENS = 600
MAX_LITERAL = 300  # digits of one number


class NotMathError(Exception):
    """The text is not an expression that this reader knows."""


class TooBigError(Exception):
    """An expression, or a value in it, beyond the bounds: nothing was computed."""


class Token(NamedTuple):
    """`kind`: n number, v variable, k constant, f function, c other command, m mark, e end."""

    kind: str
    text: str
    value: Fraction | None = None


FUNCTIONS = {
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth",
    "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh",
    "ln", "exp", "abs", "floor", "ceil", "log",
}  # fmt: skip
_ALIASES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "lg": "log10", "ast": "times",
    "cdot": "times", "dbinom": "binom", "tbinom": "binom", "mathrm": "group", "div": "divide",
    "lvert": "bar", "rvert": "bar", "vert": "bar", "mid": "bar", "arsinh": "arcsinh",
    "arcosh": "arccosh", "artanh": "arctanh", "epsilon": "varepsilon", "phi": "varphi",
    "operatorname": "group", "mathit": "group", "tg": "tan",
    "ctg": "cot", "cosec": "csc",
}  # fmt: skip
_COMMANDS = {
    "frac", "sqrt", "cbrt", "binom", "times", "divide", "group", "bar", "log10",
    "lfloor", "rfloor", "lceil", "rceil",
}  # fmt: skip
_GREEK = frozenset(
    "alpha beta gamma delta varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho "
    "sigma tau upsilon varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi "
    "Omega ell hbar".split()
)
_PLAIN = sorted(
    {*FUNCTIONS, *(_GREEK - {"ell"}), "asin", "acos", "atan", "sqrt", "cbrt", "pi", "binom"}
    | {"epsilon", "phi"},
    key=len,
    reverse=True,
)
_TOKEN = re.compile(
    r"""
    (?P<repeat>(?P<before>\d*\.\d*)\\(?:overline|dot|bar)\{(?P<cycle>\d{1,40})\})
  | (?P<number>\d+(?:\.\d*)?|\.\d+)
  | \\(?:vec|overline|bar|hat|tilde|mathbf|mathcal|mathbb|underline)\{(?P<inner>[A-Za-z]{1,3})\}
  | \\(?P<command>[A-Za-z]+)
  | (?P<word>[A-Za-z]+)
  | (?P<mark>[-+*/^_{}()\[\]|!°])
  | (?P<space>[ ]+|\\[,;:!])
    """,
    re.VERBOSE | re.ASCII,
)
_STOP = frozenset("or and is not if to of in no at by per for as so an are it on we be do".split())
_PIECE = re.compile("|".join(_PLAIN) + "|[A-Za-z]")


def tokens(text: str) -> list[Token]:
    """The tokens of `text`. Raises NotMathError, or TooBigError beyond the bounds."""
    if len(text) > MAX_LENGTH:
        raise TooBigError(f"an expression of more than {MAX_LENGTH} characters")
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotMathError(f"the sign {text[place]!r}")
        place = match.end()
        _add(match, found)
        if len(found) > MAX_TOKENS:
            raise TooBigError(f"an expression of more than {MAX_TOKENS} signs")
    return found


def _add(match: re.Match[str], found: list[Token]) -> None:
    """Append what one match says."""
    kind = match.lastgroup
    text = match.group()
    if kind == "number":
        _number(text, found)
    elif kind == "mark":
        found.append(Token("m", text))
    elif kind == "command":
        found.append(_command(match["command"]))
    elif kind == "word":
        found.extend(_word(text))
    elif kind == "inner":
        found.append(Token("v", text))
    elif kind in ("repeat", "cycle"):
        found.append(Token("n", text, _repeating(match["before"], match["cycle"])))


def _number(text: str, found: list[Token]) -> None:
    if len(text) > MAX_LITERAL:
        raise TooBigError(f"a number of more than {MAX_LITERAL} digits")
    if found and found[-1].kind == "n" and not (len(found) > 1 and found[-2].text == "_"):
        raise NotMathError("two numbers side by side")
    whole, point, part = text.partition(".")
    value = Fraction(int(whole + part), 10 ** len(part)) if point else Fraction(int(whole))
    found.append(Token("n", text, value))


def _command(name: str) -> Token:
    name = _ALIASES.get(name, name)
    if name in FUNCTIONS:
        return Token("f", name)
    if name == "pi":
        return Token("k", "pi")
    if name in _GREEK:
        return Token("v", name)
    if name in _COMMANDS:
        return Token("c", name)
    raise NotMathError(f"the command \\{name}")


def _word(word: str) -> list[Token]:
    """A run of letters: names of functions and constants, else up to three variables."""
    if word in _STOP:
        raise NotMathError(f"the word {word!r}")
    pieces = _PIECE.findall(word)
    if len([piece for piece in pieces if len(piece) == 1]) > 3:
        raise NotMathError(f"the word {word[:40]!r}")
    return [_letter(piece) if len(piece) == 1 else _command(piece) for piece in pieces]


def _letter(letter: str) -> Token:
    return Token("k" if letter in "ei" else "v", letter)


def _repeating(before: str, cycle: str) -> Fraction:
    r"""`0.1\overline{6}` as the fraction it is."""
    if len(before) > MAX_LITERAL:
        raise TooBigError(f"a number of more than {MAX_LITERAL} digits")
    whole, _, part = before.partition(".")
    start = Fraction(int(whole + part or "0"), 10 ** len(part))
    return start + Fraction(int(cycle), (10 ** len(cycle) - 1) * 10 ** len(part))
