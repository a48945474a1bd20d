r"""Honest completions and their changes: every spelling of the right answer, and honest mistakes.

A right one that is not paid is a false negative, a wrong one that is paid a false positive.
"""

from reasoning_lab.audit.exploit import Exploit, Write, answered, fenced, filled, written
from reasoning_lab.audit.problem import Problem


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
    return answered(name, "a right answer", text)


def _number(name: str, write: Write) -> Exploit:
    """The right answer in another spelling of the same number."""
    return Exploit(name, "a right answer, another spelling of the number", _replied(write))


def _replied(write: Write) -> Write:
    """The completion with the answer that `write` gives, if it gives one."""

    def reply(p: Problem) -> str | None:
        answer = write(p)
        return None if answer is None else p.reply(answer)

    return reply


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
    written(
        "boxed, no tags",
        "a right answer in a box after thinking",
        r"THOUGHTSo the answer is \boxed{GOLD}.",
    ),
    answered(
        "doubts while thinking",
        "a right answer; wrong ones were weighed while thinking",
        "GOLD",
        thinking=r"Is it \boxed{WRONG}? No. LINE",
    ),
    written("one line", "a right answer, all on one line", "THOUGHT<answer>GOLD</answer>"),
    written(
        "a sentence before",
        "a right answer after a sentence",
        "THOUGHT\nHere it is.\n<answer>GOLD</answer>",
    ),
    written(
        "tag and box",
        "the same right answer in tags and in a box",
        r"THOUGHT\boxed{GOLD} <answer>GOLD</answer>",
    ),
    _number("with .0", lambda p: filled(p, "WHOLE.0")),
    _number("a comma for thousands", lambda p: _thousands(p, ",")),
    _number("a LaTeX comma", lambda p: _thousands(p, "{,}")),
    _number("named x", lambda p: filled(p, "x = WHOLE")),
    _number("a full stop", lambda p: filled(p, "WHOLE.")),
    _number("unicode minus", _unicode_minus),
    _number("frac", lambda p: _fraction(p, r"\frac")),
    _number("dfrac", lambda p: _fraction(p, r"\dfrac")),
    _number("another case", _cased),
)


def _moved(name: str, steps: int) -> Exploit:
    write = _replied(lambda p: None if p.whole is None else str(p.whole + steps))
    return Exploit(name, "a wrong answer", write)


def _mistaken(name: str, change: Write) -> Exploit:
    """A wrong answer, made from the right one; left out where it happens to be right."""
    return Exploit(name, "a wrong answer", _replied(lambda p: p.not_gold(change(p))))


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
    answered("a near answer, boxed", "a wrong answer in a box", r"\boxed{BELOW}"),
    written(
        "a near answer, no tags",
        "a wrong answer in a box after thinking",
        r"THOUGHTSo the answer is \boxed{ABOVE}.",
    ),
    Exploit(
        "right steps, wrong answer",
        "the row's own steps, then a wrong answer",
        lambda p: p.reply(p.wrong, p.example.trace) if p.example.trace else None,
    ),
    answered("in dollar signs", "a wrong answer", "$ABOVE$"),
)
