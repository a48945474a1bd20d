r"""From tokens to a tree, by recursive descent: `2\sqrt{3}` → ("*", 2, ("root", 2, 3)).

A tree is a tuple whose first member says what it is:
    ("n", Fraction)  ("v", name)  ("k", "pi" | "e" | "i")
    ("+", a, b)  ("-", a)  ("*", a, b)  ("/", a, b)  ("^", a, b)  ("!", a)
    ("f", name, a)  ("root", degree, a)  ("log", base or None, a)  ("binom", n, k)
Products without a sign bind like those with one, so `1/2x` is x/2, and the argument of a function
without parentheses is what directly follows: `\sin 2x\cos x` is sin(2x)·cos(x).
"""

from fractions import Fraction
from functools import lru_cache
from typing import Any

from reasoning_lab.judges.math.expression_tokens import NotMathError, Token, TooBigError, tokens

MAX_DEPTH = 40  # nested groups, roots, powers
Tree = tuple[Any, ...]

_END = Token("e", "")
_CLOSING = {"(": ")", "[": "]", "{": "}", "lfloor": "rfloor", "lceil": "rceil", "bar": "bar"}
_ROUNDING = {"lfloor": "floor", "lceil": "ceil"}
_INVERSE = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}
_ANGLED = ("sin", "cos", "tan", "cot", "sec", "csc")
_DEGREES: Tree = ("/", ("k", "pi"), ("n", Fraction(180)))


@lru_cache(maxsize=16_384)
def read(text: str) -> Tree | str:
    """The tree of `text`; a text says why there is none, with "guard:" in front if too big."""
    try:
        return Reader(tokens(text)).whole()
    except NotMathError as error:
        return str(error)
    except TooBigError as error:
        return f"guard: {error}"


class Reader:
    """One pass over the tokens of one expression."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.place = 0
        self.depth = 0
        self.bars = 0  # open |
        self.angle = 0  # inside a trigonometric argument, where ° means π/180

    def whole(self) -> Tree:
        """The tree of all tokens."""
        tree = self.sum()
        if self.peek() is not _END:
            raise NotMathError(f"{self.peek().text!r} where an expression ends")
        return tree

    def peek(self) -> Token:
        """The next token."""
        return self.tokens[self.place] if self.place < len(self.tokens) else _END

    def mark(self, *texts: str) -> bool:
        """Whether the next token is one of these marks."""
        token = self.peek()
        return token.kind == "m" and token.text in texts

    def take(self) -> Token:
        """The next token, passed."""
        token = self.peek()
        self.place += 1
        return token

    def expect(self, text: str) -> None:
        """Pass the mark or command `text`, or refuse."""
        if self.take().text not in ((text, "|") if text == "bar" else (text,)):
            raise NotMathError(f"no {text!r} where one is due")

    def sum(self) -> Tree:
        """`term ± term …`, with one sign in front at most."""
        self.deeper()
        sign = self.take().text if self.mark("+", "-") else ""
        tree = self.product()
        if sign == "-":
            tree = ("-", tree)
        while self.mark("+", "-"):
            minus = self.take().text == "-"
            term = self.product()
            tree = ("+", tree, ("-", term) if minus else term)
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        """Factors side by side or with signs, from left to right."""
        tree = self.factor()
        while True:
            token = self.peek()
            if token.text in ("*", "times", "/", "divide") and token.kind in "mc":
                self.take()
                sign = "/" if token.text in ("/", "divide") else "*"
                # One minus may follow a sign: 3*-2.
                minus = self.mark("-") and bool(self.take())
                right = self.factor()
                tree = (sign, tree, ("-", right) if minus else right)
            elif self.begins_factor():
                tree = ("*", tree, self.factor())
            else:
                return tree

    def begins_factor(self) -> bool:
        """Whether a factor without a sign may begin here."""
        token = self.peek()
        if token.kind in "vkf":
            return True
        if token.kind == "n":  # 2^{x}3^{x}; but 4 2 and x2 are no products
            return self.tokens[self.place - 1].text in ("}", ")", "!")
        if token.kind == "m":
            return token.text in "([{" or (token.text == "|" and not self.bars)
        return token.kind == "c" and token.text not in ("rfloor", "rceil", "bar", "divide", "times")

    def factor(self) -> Tree:
        """An atom with its factorials, powers and degree sign."""
        tree = self.atom()
        while True:
            if self.mark("!"):
                self.take()
                if tree[0] == "!":
                    raise NotMathError("a double factorial")
                tree = ("!", tree)
            elif self.mark("^"):
                self.take()
                tree = ("^", tree, self.exponent())
                if self.mark("^"):
                    raise NotMathError("two exponents")
            elif self.mark("°"):
                self.take()
                tree = ("*", tree, _DEGREES) if self.angle else tree
            else:
                return tree

    def exponent(self) -> Tree:
        """What stands after ^: a group, a signed atom, or a tower to the right."""
        if self.mark("{", "("):
            return self.group(self.take().text)
        minus = self.mark("-") and bool(self.take())
        tree = self.atom()
        if self.mark("^"):
            self.deeper()
            self.take()
            tree = ("^", tree, self.exponent())
            self.depth -= 1
        return ("-", tree) if minus else tree

    def deeper(self) -> None:
        """One level down, or refuse."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooBigError(f"more than {MAX_DEPTH} nested parts")

    def group(self, opening: str) -> Tree:
        """What stands before the sign that closes `opening`, which has been passed."""
        angle, bars = self.angle, self.bars
        self.bars = opening == "bar"
        tree = self.sum()
        self.expect(_CLOSING[opening])
        self.angle, self.bars = angle, bars
        return tree

    def argument(self) -> Tree:
        """A LaTeX argument: a group in braces, or one sign."""
        if self.mark("{"):
            return self.group(self.take().text)
        token = self.peek()
        if token.kind == "n" and token.text.isdigit() and len(token.text) > 1:
            # LaTeX reads one digit: \binom52 is that of 5 and 2.
            rest = token.text[1:]
            self.tokens[self.place] = Token("n", rest, Fraction(int(rest)))
            return ("n", Fraction(int(token.text[0])))
        return self.atom()

    def atom(self) -> Tree:
        """A number, letter, group, root, fraction, function …"""
        token = self.take()
        if token.kind == "n":
            return self.number(token)
        if token.kind == "v":
            if token.text in ("f", "g", "h") and self.mark("("):
                return ("v", token.text + self.called())
            return ("v", token.text + self.subscript())
        if token.kind == "k":
            name = self.subscript()
            return ("v", token.text + name) if name else ("k", token.text)
        if token.kind == "f":
            return self.function(token.text)
        if token.kind == "m" and token.text in "([{":
            return self.group(token.text)
        if token.text in ("|", "bar", "lfloor", "lceil"):
            opening = "bar" if token.text == "|" else token.text
            return ("f", _ROUNDING.get(opening, "abs"), self.group(opening))
        if token.kind == "c":
            return self.command(token.text)
        raise NotMathError(f"{token.text!r} where a value is due")

    def number(self, token: Token) -> Tree:
        r"""A literal; with a proper fraction behind it a mixed number, 1\frac{1}{2}."""
        if self.mark("_"):
            raise NotMathError("a number in another base")
        start = self.place
        if self.peek() == Token("c", "frac") and "." not in token.text:
            self.take()
            over, under = self.argument(), self.argument()
            if over[0] == under[0] == "n" and over[1] < under[1]:
                return ("n", token.value + over[1] / under[1])
            self.place = start
        return ("n", token.value)

    def subscript(self) -> str:
        """`_1`, `_{n+1}` as part of a name."""
        if not self.mark("_"):
            return ""
        self.take()
        if not self.mark("{"):
            return "_" + self.take().text
        self.take()
        name = "_"
        while not self.mark("}"):
            if self.peek() is _END or self.mark("{"):
                raise NotMathError("a subscript that is no name")
            name += self.take().text
        self.take()
        return name

    def called(self) -> str:
        """The argument of an unknown function, as part of its name: f(x) is one value."""
        name, depth = "", 0
        while True:
            token = self.take()
            if token is _END:
                raise NotMathError("a parenthesis that never closes")
            name += token.text
            depth += (token.text == "(") - (token.text == ")")
            if not depth:
                return name

    def command(self, name: str) -> Tree:
        """Fractions, roots, binomials."""
        if name == "frac":
            return ("/", self.argument(), self.argument())
        if name == "binom":
            return ("binom", self.argument(), self.argument())
        if name in ("sqrt", "cbrt"):
            degree: Tree = ("n", Fraction(3 if name == "cbrt" else 2))
            if self.mark("["):
                degree = self.group(self.take().text)
            plain = self.mark("(")
            return ("root", degree, self.group(self.take().text) if plain else self.argument())
        if name == "log10":
            return ("log", ("n", Fraction(10)), self.operand())
        if name == "group":
            return self.argument()
        raise NotMathError(f"the command \\{name} where a value is due")

    def function(self, name: str) -> Tree:
        r"""A function with its base (`\log_2`), its power (`\sin^2 x`) and its argument."""
        base: Tree | None = None
        if name == "log" and self.mark("_"):
            self.take()
            base = self.argument()
        power = self.exponent() if self.mark("^") and self.take() else None
        self.angle += name in _ANGLED
        inner = self.operand()
        self.angle -= name in _ANGLED
        if power == ("-", ("n", Fraction(1))):
            if name not in _INVERSE:
                raise NotMathError(f"the inverse of {name}")
            return ("f", f"arc{name}", inner)
        tree: Tree = ("log", base, inner) if name == "log" else ("f", name, inner)
        return tree if power is None else ("^", tree, power)

    def operand(self) -> Tree:
        """What a function without parentheses applies to: factors up to a sign or a function."""
        self.deeper()
        token = self.peek()
        if self.mark("(", "{", "["):
            tree = self.group(self.take().text)
        elif token.kind == "f":
            tree = self.factor()
        else:
            tree = self.factor()
            while self.begins_factor() and self.peek().kind != "f" and not self.mark("(", "["):
                tree = ("*", tree, self.factor())
        self.depth -= 1
        return tree
