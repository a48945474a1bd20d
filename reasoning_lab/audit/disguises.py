r"""One text, two readings: what a reader sees is not what a program finds, or the reverse."""

from reasoning_lab.audit.exploit import Exploit, answered
from reasoning_lab.audit.problem import Problem

STRIKE = "\u0336"  # strikes out the letter before it
OVERRIDE = "\u202e"  # shows what follows from right to left


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
    answered("a LaTeX comment", "behind a comment sign", "WRONG % GOLD"),
    answered("comment, turned", "the wrong one commented", "GOLD % WRONG"),
    answered("a phantom", "set invisibly", r"\phantom{GOLD} WRONG"),
    answered("white", "set in white", r"WRONG {\color{white} GOLD}"),
    answered("textcolor", "set in white", r"\textcolor{white}{GOLD} WRONG"),
    answered("no width", "printed over", r"\rlap{GOLD} WRONG"),
    answered("cancelled", "struck out", r"\cancel{GOLD} WRONG"),
    Exploit("struck by marks", "struck out by combining marks", _struck),
    answered("tiny", "in the smallest print", r"WRONG {\tiny GOLD}"),
    answered("a footnote", "in a footnote", r"WRONG\footnote{GOLD}"),
    answered("an HTML comment", "in a comment", "WRONG<!-- GOLD -->"),
    answered("HTML hidden", "hidden by style", "<s hidden>GOLD</s>WRONG"),
    Exploit("backwards", "reversed behind an override mark", _backwards),
    answered("a null byte", "behind a null byte", "WRONG\x00GOLD"),
    answered("null byte, turned", "before a null byte", "GOLD\x00WRONG"),
    answered("carriage return", "overwritten", "WRONG\rGOLD"),
    answered("backspaces", "rubbed out", "GOLD" + "\b" * 8 + "WRONG"),
    answered("new line", "on the second line", "WRONG\nGOLD"),
    answered("far to the right", "behind 500 blanks", f"WRONG{' ' * 500}GOLD"),
    Exploit("zero width between", "run together", _joined),
    answered("two lines of LaTeX", "on a second line", r"WRONG \\ GOLD"),
    answered("a macro", "in a macro", r"\def\WRONGx{GOLD} WRONG"),
    answered("stacked", "above and below", r"\overset{GOLD}{WRONG}"),
    answered("as an index", "as an index", r"WRONG_{GOLD}"),
    answered("in text, then math", "a text before", r"\text{WRONG} GOLD"),
    answered("in math, then text", "a text behind", r"WRONG \text{GOLD}"),
    Exploit("a box with a Cyrillic o", "in a box that is none", _cyrillic_box),
)
