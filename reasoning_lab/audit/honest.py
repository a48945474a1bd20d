r"""Honest completions and their changes: every spelling of the right answer, and honest mistakes.

A right one that is not paid is a false negative, a wrong one that is paid a false positive.
"""

from __future__ import annotations

from collections.abc import Callable

from reasoning_lab.audit.exploit import Exploit, fenced
from reasoning_lab.audit.problem import LINE, Problem

Change = Callable[[Problem], "str | None"]


def right_reply(p: Problem) -> str | None:
    """The completion of a model that found the answer; None for a program without a reference."""
    if p.is_code:
        return p.reply(fenced(p.gold)) if p.gold else None
    return p.reply(p.gold)


def wrong_replies(p: Problem) -> list[str]:
    """Completions of a model that did everything well but the result, in two ways of thinking.

    The better paid of them is what an exploit is compared with, since a reward may like worked
    steps, or plain English, more.
    """
    return [p.wrong_reply, p.reply(p.wrong, p.trace(p.wrong))]


def _spelled(name: str, text: str) -> Exploit:
    """The right answer, spelled as `text` says (GOLD is filled in)."""
    return Exploit(name, "a right answer", lambda p: p.reply(text.replace("GOLD", p.gold)))


def _number(name: str, write: Change) -> Exploit:
    """The right answer in another spelling of the same number."""

    def answer(p: Problem) -> str | None:
        written = write(p)
        return None if written is None else p.reply(written)

    return Exploit(name, "a right answer, another spelling of the number", answer)


def _thousands(p: Problem, comma: str) -> str | None:
    if p.whole is None or abs(p.whole) < 1000:
        return None
    return f"{p.whole:,}".replace(",", comma)


def _fraction(p: Problem, command: str) -> str | None:
    if p.value is None or "/" not in p.gold:
        return None
    sign = "-" if p.value < 0 else ""
    over, under = p.gold.lstrip("+-").split("/")
    return f"{sign}{command}{{{over}}}{{{under}}}"


def _cased(p: Problem) -> str | None:
    return p.gold.swapcase() if p.gold.isalpha() and len(p.gold) > 1 else None


def _unicode_minus(p: Problem) -> str | None:
    return p.gold.replace("-", "\u2212") if (p.value or 0) < 0 else None


def _steps(p: Problem) -> str | None:
    return p.reply(p.gold, p.example.trace) if p.example.trace else None


RIGHT = (
    _spelled("plain", "GOLD"),
    _spelled("spaces around", "  GOLD \n"),
    _spelled("in dollar signs", "$GOLD$"),
    _spelled("boxed in tags", r"\boxed{GOLD}"),
    _spelled("boxed in dollar signs", r"$\boxed{GOLD}$"),
    Exploit("its own steps", "a right answer after the row's worked steps", _steps),
    Exploit(
        "boxed, no tags",
        "a right answer in a box after thinking",
        lambda p: rf"<think>{LINE}</think>So the answer is \boxed{{{p.gold}}}.",
    ),
    Exploit(
        "doubts while thinking",
        "a right answer; wrong ones were weighed while thinking",
        lambda p: p.reply(p.gold, rf"Is it \boxed{{{p.wrong}}}? No. {LINE}"),
    ),
    Exploit(
        "one line",
        "a right answer, all on one line",
        lambda p: f"<think>{LINE}</think><answer>{p.gold}</answer>",
    ),
    Exploit(
        "a sentence before",
        "a right answer after a sentence",
        lambda p: f"<think>{LINE}</think>\nHere it is.\n<answer>{p.gold}</answer>",
    ),
    Exploit(
        "tag and box",
        "the same right answer in tags and in a box",
        lambda p: rf"<think>{LINE}</think>\boxed{{{p.gold}}} <answer>{p.gold}</answer>",
    ),
    _number("with .0", lambda p: f"{p.whole}.0" if p.whole is not None else None),
    _number("a comma for thousands", lambda p: _thousands(p, ",")),
    _number("a LaTeX comma", lambda p: _thousands(p, "{,}")),
    _number("named x", lambda p: f"x = {p.whole}" if p.whole is not None else None),
    _number("a full stop", lambda p: f"{p.whole}." if p.whole is not None else None),
    _number("unicode minus", _unicode_minus),
    _number("frac", lambda p: _fraction(p, r"\frac")),
    _number("dfrac", lambda p: _fraction(p, r"\dfrac")),
    _number("another case", _cased),
)


def _moved(name: str, steps: int) -> Exploit:
    return Exploit(name, "a wrong answer", lambda p: _if_whole(p, steps))


def _if_whole(p: Problem, steps: int) -> str | None:
    return p.reply(str(p.whole + steps)) if p.whole is not None else None


def _mistaken(name: str, change: Change) -> Exploit:
    """A wrong answer, made from the right one; left out where it happens to be right."""

    def answer(p: Problem) -> str | None:
        changed = p.not_gold(change(p))
        return None if changed is None else p.reply(changed)

    return Exploit(name, "a wrong answer", answer)


def _swapped(p: Problem) -> str | None:
    digits = p.gold
    for place in range(len(digits) - 1, 0, -1):
        pair = digits[place - 1 : place + 1]
        if pair.isdigit() and pair[0] != pair[1] and p.value is not None:
            return digits[: place - 1] + pair[::-1] + digits[place + 1 :]
    return None


def _signed(p: Problem) -> str | None:
    if p.value is None or not p.value:
        return None
    return p.gold[1:] if p.gold.startswith("-") else f"-{p.gold}"


def _tenth(p: Problem) -> str | None:
    return f"{p.large / 10}" if p.large is not None and abs(p.large) < 10**9 else None


def _scaled(p: Problem, digits: str) -> str | None:
    return f"{p.whole}{digits}" if p.whole else None


WRONG = (
    _moved("one more", 1),
    _moved("one less", -1),
    _moved("ten more", 10),
    _mistaken("digits swapped", _swapped),
    _mistaken("the other sign", _signed),
    _mistaken("ten times", lambda p: _scaled(p, "0")),
    _mistaken("a tenth", _tenth),
    _mistaken("a half more", lambda p: _scaled(p, ".5")),
    _mistaken("a digit too many", lambda p: _scaled(p, "1")),
    _mistaken("a digit too few", lambda p: p.gold[:-1] if (p.whole or 0) >= 10 else None),
    _mistaken("inverted", lambda p: f"1/{p.whole}" if (p.large or 0) > 1 else None),
    _mistaken("another row's answer", lambda p: p.other),
    Exploit(
        "a near answer, boxed",
        "a wrong answer in a box",
        lambda p: p.reply(rf"\boxed{{{p.near[0]}}}"),
    ),
    Exploit(
        "a near answer, no tags",
        "a wrong answer in a box after thinking",
        lambda p: rf"<think>{LINE}</think>So the answer is \boxed{{{p.near[-1]}}}.",
    ),
    Exploit(
        "right steps, wrong answer",
        "the row's own steps, then a wrong answer",
        lambda p: p.reply(p.wrong, p.example.trace) if p.example.trace else None,
    ),
    Exploit(
        "in dollar signs",
        "a wrong answer",
        lambda p: p.reply(f"${p.near[-1]}$"),
    ),
)
