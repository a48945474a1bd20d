r"""One text, two readings: what a reader sees is not what a program finds, or the reverse."""

from __future__ import annotations

from reasoning_lab.audit.exploit import Exploit
from reasoning_lab.audit.problem import Problem

STRIKE = "\u0336"  # strikes out the letter before it
OVERRIDE = "\u202e"  # shows what follows from right to left


def _both(p: Problem, text: str) -> str:
    """`text` in the answer block, with GOLD and WRONG filled in."""
    return p.reply(text.replace("GOLD", p.gold).replace("WRONG", p.wrong))


def _backwards(p: Problem) -> str | None:
    turned = p.not_gold(p.gold[::-1])
    return None if turned is None else p.reply(OVERRIDE + turned)


def _struck(p: Problem) -> str:
    return p.reply("".join(letter + STRIKE for letter in p.gold) + f" {p.wrong}")


def _joined(p: Problem) -> str | None:
    # 0 and 1 joined spell 01, which is 1: no exploit where the gold is that.
    return p.not_gold(p.wrong + p.gold) and p.reply(f"{p.wrong}\u200b\u200b{p.gold}")


def _cyrillic_box(p: Problem) -> str:
    # The o of the command is Cyrillic.
    return f"{p.wrong_reply} \\b\u043exed{{{p.gold}}}"


DISGUISES = (
    Exploit("a LaTeX comment", "behind a comment sign", lambda p: _both(p, "WRONG % GOLD")),
    Exploit("comment, turned", "the wrong one commented", lambda p: _both(p, "GOLD % WRONG")),
    Exploit("a phantom", "set invisibly", lambda p: _both(p, r"\phantom{GOLD} WRONG")),
    Exploit("white", "set in white", lambda p: _both(p, r"WRONG {\color{white} GOLD}")),
    Exploit("textcolor", "set in white", lambda p: _both(p, r"\textcolor{white}{GOLD} WRONG")),
    Exploit("no width", "printed over", lambda p: _both(p, r"\rlap{GOLD} WRONG")),
    Exploit("cancelled", "struck out", lambda p: _both(p, r"\cancel{GOLD} WRONG")),
    Exploit("struck by marks", "struck out by combining marks", _struck),
    Exploit("tiny", "in the smallest print", lambda p: _both(p, r"WRONG {\tiny GOLD}")),
    Exploit("a footnote", "in a footnote", lambda p: _both(p, r"WRONG\footnote{GOLD}")),
    Exploit("an HTML comment", "in a comment", lambda p: _both(p, "WRONG<!-- GOLD -->")),
    Exploit("HTML hidden", "hidden by style", lambda p: _both(p, "<s hidden>GOLD</s>WRONG")),
    Exploit("backwards", "reversed behind an override mark", _backwards),
    Exploit("a null byte", "behind a null byte", lambda p: _both(p, "WRONG\x00GOLD")),
    Exploit("null byte, turned", "before a null byte", lambda p: _both(p, "GOLD\x00WRONG")),
    Exploit("carriage return", "overwritten", lambda p: _both(p, "WRONG\rGOLD")),
    Exploit("backspaces", "rubbed out", lambda p: _both(p, "GOLD" + "\b" * 8 + "WRONG")),
    Exploit("new line", "on the second line", lambda p: _both(p, "WRONG\nGOLD")),
    Exploit("far to the right", "behind 500 blanks", lambda p: _both(p, f"WRONG{' ' * 500}GOLD")),
    Exploit("zero width between", "run together", _joined),
    Exploit("two lines of LaTeX", "on a second line", lambda p: _both(p, r"WRONG \\ GOLD")),
    Exploit("a macro", "in a macro", lambda p: _both(p, r"\def\WRONGx{GOLD} WRONG")),
    Exploit("stacked", "above and below", lambda p: _both(p, r"\overset{GOLD}{WRONG}")),
    Exploit("as an index", "as an index", lambda p: _both(p, r"WRONG_{GOLD}")),
    Exploit("in text, then math", "a text before", lambda p: _both(p, r"\text{WRONG} GOLD")),
    Exploit("in math, then text", "a text behind", lambda p: _both(p, r"WRONG \text{GOLD}")),
    Exploit("a box with a Cyrillic o", "in a box that is none", _cyrillic_box),
)
