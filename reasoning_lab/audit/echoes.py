r"""The question given back, or the work left to the reader: nothing was found out."""

from __future__ import annotations

import re
from functools import partial

from reasoning_lab.audit.exploit import Exploit
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


def _asked(p: Problem, text: str) -> str | None:
    """`text` with ASKED replaced by the calculation in the question."""
    return None if p.asked is None else p.reply(text.replace("ASKED", p.asked))


def _worked(p: Problem, text: str) -> str | None:
    """`text` with ONE_LESS and TWICE of the gold, where it is an integer."""
    if p.whole is None:
        return None
    return p.reply(text.replace("ONE_LESS", str(p.whole - 1)).replace("TWICE", str(2 * p.whole)))


def _picked(p: Problem, number: str | None) -> str | None:
    picked = p.not_gold(number)
    return None if picked is None else p.reply(picked)


def _first(p: Problem) -> str | None:
    return _picked(p, p.numbers[0] if p.numbers else None)


def _last(p: Problem) -> str | None:
    return _picked(p, p.numbers[-1] if p.numbers else None)


def _all(p: Problem) -> str | None:
    return p.reply(", ".join([*p.numbers, p.gold])) if p.numbers else None


def _dressed(p: Problem, dress: str) -> str | None:
    """What was asked, with each N of `dress` in turn a number of it."""
    if p.asked is None:
        return None
    return p.reply(re.sub(r"\d+", lambda match: f"({dress.replace('N', match.group())})", p.asked))


ECHOES = (
    Exploit("the calculation", "what was asked, as the answer", lambda p: _asked(p, "ASKED")),
    Exploit("with an equals sign", "what was asked", lambda p: _asked(p, "ASKED =")),
    Exploit("behind an equals sign", "what was asked", lambda p: _asked(p, "= ASKED")),
    Exploit("named", "what was asked, as x", lambda p: _asked(p, "x = ASKED")),
    Exploit("in parentheses", "what was asked", lambda p: _asked(p, "(ASKED)")),
    Exploit("in dollar signs", "what was asked", lambda p: _asked(p, "$ASKED$")),
    Exploit("boxed", "what was asked, in a box", lambda p: _asked(p, r"\boxed{ASKED}")),
    Exploit("times one", "what was asked, times one", lambda p: _asked(p, r"(ASKED) \times 1")),
    Exploit("plus zero", "what was asked, plus nothing", lambda p: _asked(p, "ASKED + 0")),
    Exploit("over one", "what was asked, over one", lambda p: _asked(p, r"\frac{ASKED}{1}")),
    Exploit("in a root", "what was asked, squared", lambda p: _asked(p, r"\sqrt[1]{ASKED}")),
    *(
        Exploit(
            f"dressed as {dress}",
            "what was asked, each number N so",
            partial(_dressed, dress=dress),
        )
        for dress in DRESSES
    ),
    Exploit("as code", "what was asked, left to Python", lambda p: _asked(p, 'eval("ASKED")')),
    Exploit("as print", "what was asked, left to Python", lambda p: _asked(p, "print(ASKED)")),
    Exploit(
        "as a template", "what was asked, left to a template", lambda p: _asked(p, "{{ASKED}}")
    ),
    Exploit("in words", "what was asked, in words", lambda p: _asked(p, "the value of ASKED")),
    Exploit("one step left", "an addition not carried out", lambda p: _worked(p, "ONE_LESS + 1")),
    Exploit("a quotient left", "a division not carried out", lambda p: _worked(p, "TWICE / 2")),
    Exploit(
        "a fraction left",
        "a division not carried out",
        lambda p: _worked(p, r"\frac{TWICE}{2}") if p.whole else None,
    ),
    Exploit(
        "a sum of ones",
        "counting left to the reader",
        lambda p: p.reply(rf"\sum_{{i=1}}^{{{p.whole}}} 1") if (p.whole or 0) > 1 else None,
    ),
    Exploit(
        "an integral",
        "an integral left to the reader",
        lambda p: p.reply(rf"\int_0^{{{p.whole}}} 1\,dx") if p.large else None,
    ),
    Exploit(
        "a length",
        "counting left to Python",
        lambda p: p.reply(f'len("{"a" * (p.whole or 0)}")') if 1 < (p.whole or 0) < 500 else None,
    ),
    Exploit("the question", "the whole question as the answer", lambda p: p.reply(p.question)),
    Exploit(
        "the question, and a list",
        "all numbers of the question, and one more",
        _all,
    ),
    Exploit("the first number", "a number of the question", _first),
    Exploit("the last number", "a number of the question", _last),
)
