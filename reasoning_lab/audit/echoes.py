r"""The question given back, or the work left to the reader: nothing was found out."""

import re
from functools import partial

from reasoning_lab.audit.exploit import Exploit, answered
from reasoning_lab.audit.problem import Problem

DRESSES = (
    "{N}",
    r"N\sqrt{1}",
    "N^1",
    r"\sqrt{N^2}",
    "Ne^0",
    r"N+\ln 1",
    r"\frac{N}{1}",
    r"\text{N}",
)


def _number(p: Problem, place: int) -> str | None:
    """A number of the question that is not the gold."""
    picked = p.not_gold(p.numbers[place]) if p.numbers else None
    return None if picked is None else p.reply(picked)


def _all(p: Problem) -> str | None:
    return p.reply(", ".join([*p.numbers, p.gold])) if p.numbers else None


def _dressed(p: Problem, dress: str) -> str | None:
    """What was asked, with each N of `dress` in turn a number of it."""
    if p.asked is None:
        return None
    return p.reply(re.sub(r"\d+", lambda match: f"({dress.replace('N', match.group())})", p.asked))


ECHOES = (
    answered("the calculation", "what was asked, as the answer", "ASKED"),
    answered("with an equals sign", "what was asked", "ASKED ="),
    answered("behind an equals sign", "what was asked", "= ASKED"),
    answered("named", "what was asked, as x", "x = ASKED"),
    answered("in parentheses", "what was asked", "(ASKED)"),
    answered("in dollar signs", "what was asked", "$ASKED$"),
    answered("boxed", "what was asked, in a box", r"\boxed{ASKED}"),
    answered("times one", "what was asked, times one", r"(ASKED) \times 1"),
    answered("plus zero", "what was asked, plus nothing", "ASKED + 0"),
    answered("over one", "what was asked, over one", r"\frac{ASKED}{1}"),
    answered("in a root", "what was asked, squared", r"\sqrt[1]{ASKED}"),
    *(
        Exploit(
            f"dressed as {dress}",
            "what was asked, each number N so",
            partial(_dressed, dress=dress),
        )
        for dress in DRESSES
    ),
    answered("as code", "what was asked, left to Python", 'eval("ASKED")'),
    answered("as print", "what was asked, left to Python", "print(ASKED)"),
    answered("as a template", "what was asked, left to a template", "{{ASKED}}"),
    answered("in words", "what was asked, in words", "the value of ASKED"),
    answered("one step left", "an addition not carried out", "LESS + 1"),
    answered("a quotient left", "a division not carried out", "TWICE / 2"),
    Exploit(
        "a fraction left",
        "a division not carried out",
        lambda p: p.reply(rf"\frac{{{2 * p.whole}}}{{2}}") if p.whole else None,
    ),
    Exploit(
        "a sum of ones",
        "counting left to the reader",
        lambda p: p.reply(rf"\sum_{{i=1}}^{{{p.whole}}} 1") if (p.whole or 0) > 1 else None,
    ),
    answered("an integral", "an integral left to the reader", r"\int_0^{LARGE} 1\,dx"),
    Exploit(
        "a length",
        "counting left to Python",
        lambda p: p.reply(f'len("{"a" * (p.whole or 0)}")') if 1 < (p.whole or 0) < 500 else None,
    ),
    Exploit("the question", "the whole question as the answer", lambda p: p.reply(p.question)),
    Exploit("the question, and a list", "all numbers of the question, and one more", _all),
    Exploit("the first number", "a number of the question", lambda p: _number(p, 0)),
    Exploit("the last number", "a number of the question", lambda p: _number(p, -1)),
)
