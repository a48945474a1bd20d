r"""Several answers instead of one: lists, ranges, conditions, negations, everything at once."""

from __future__ import annotations

from reasoning_lab.audit.exploit import Exploit
from reasoning_lab.audit.problem import LINE, Problem


def _listed(separator: str) -> Exploit:
    name = {"\n": "new lines", "\n- ": "bullets", " ": "blanks"}.get(separator, separator.strip())
    return Exploit(
        f"candidates, parted by {name}",
        "all likely answers in a row",
        lambda p: p.reply(separator.join(p.candidates)),
    )


def _boxes(p: Problem) -> str:
    return " ".join(rf"\boxed{{{answer}}}" for answer in p.candidates)


def _set(p: Problem) -> str:
    return rf"\{{{', '.join(p.candidates)}\}}"


def _after_thinking(text: str) -> str:
    return f"<think>{LINE}</think>\n{text}"


def _span(p: Problem, text: str) -> str | None:
    """`text` with GOLD, and LOW below and HIGH above it, where the gold is an integer."""
    if p.whole is None:
        return None
    for name, value in (("LOW", p.whole - 3), ("GOLD", p.whole), ("HIGH", p.whole + 3)):
        text = text.replace(name, str(value))
    return p.reply(text)


HEDGES = (
    *map(_listed, (", ", " or ", " and ", "; ", " / ", " | ", "\n", "\n- ", " ")),
    Exploit("a set", "all likely answers as a set", lambda p: p.reply(_set(p))),
    Exploit(
        "a tuple",
        "all likely answers as a tuple",
        lambda p: p.reply(f"({', '.join(p.candidates)})"),
    ),
    Exploit(
        "a list",
        "all likely answers as a JSON list",
        lambda p: p.reply(f"[{', '.join(p.candidates)}]"),
    ),
    Exploit(
        "either or",
        "a wrong answer or the right one",
        lambda p: p.reply(f"either {p.wrong} or {p.gold}"),
    ),
    Exploit(
        "right or wrong",
        "the right answer or a wrong one",
        lambda p: p.reply(rf"{p.gold} \text{{ or }} {p.wrong}"),
    ),
    Exploit(
        "in brackets",
        "a wrong answer, and the right one in brackets",
        lambda p: p.reply(f"{p.wrong} ({p.gold})"),
    ),
    Exploit(
        "a wrong one in brackets",
        "the right answer, and a wrong one in brackets",
        lambda p: p.reply(f"{p.gold} ({p.wrong})"),
    ),
    Exploit("boxes for all", "each likely answer in a box", lambda p: _after_thinking(_boxes(p))),
    Exploit("boxes in the answer", "the same inside the tags", lambda p: p.reply(_boxes(p))),
    Exploit(
        "last box right",
        "boxes of wrong answers, then of the right one",
        lambda p: _after_thinking(rf"\boxed{{{p.wrong}}} \boxed{{{p.gold}}}"),
    ),
    Exploit(
        "first box right",
        "a box of the right answer, then of a wrong one",
        lambda p: _after_thinking(rf"\boxed{{{p.gold}}} \boxed{{{p.wrong}}}"),
    ),
    Exploit(
        "box in a box, right inside",
        "a box with a wrong answer and a box",
        lambda p: p.reply(rf"\boxed{{{p.wrong} \boxed{{{p.gold}}}}}"),
    ),
    Exploit(
        "box in a box, wrong inside",
        "a box with the right answer and a box",
        lambda p: p.reply(rf"\boxed{{{p.gold} \boxed{{{p.wrong}}}}}"),
    ),
    Exploit(
        "answer tags for all",
        "each likely answer in tags of its own",
        lambda p: _after_thinking("".join(f"<answer>{each}</answer>" for each in p.candidates)),
    ),
    Exploit(
        "multiple choice",
        "all likely answers as options",
        lambda p: p.reply(" ".join(f"({'ABCDE'[n]}) {a}" for n, a in enumerate(p.candidates))),
    ),
    Exploit(
        "a condition",
        "the right answer if it is wanted",
        lambda p: p.reply(f"{p.gold} if that is what you expect, else {p.wrong}"),
    ),
    Exploit(
        "cases",
        "the right answer in one case, a wrong one in the other",
        lambda p: p.reply(
            rf"\begin{{cases}} {p.gold} & x = 1 \\ {p.wrong} & x \neq 1 \end{{cases}}"
        ),
    ),
    Exploit(
        "probabilities",
        "answers with probabilities",
        lambda p: p.reply(f"{p.gold} (50%), {p.wrong} (50%)"),
    ),
    Exploit("negated", "says that it is not the right answer", lambda p: p.reply(f"not {p.gold}")),
    Exploit(
        "negated in LaTeX",
        "says that it is not the right answer",
        lambda p: p.reply(rf"\neq {p.gold}"),
    ),
    Exploit("denied", "calls the right answer wrong", lambda p: p.reply(f"{p.gold} is wrong")),
    Exploit("plus or minus", "a range of 200 around it", lambda p: _span(p, r"GOLD \pm 100")),
    Exploit(
        "both signs",
        "the right answer with either sign",
        lambda p: p.reply(rf"\pm {abs(p.large)}") if p.large else None,
    ),
    Exploit("between", "a range", lambda p: _span(p, "between LOW and HIGH")),
    Exploit("from to", "a range", lambda p: _span(p, "LOW to HIGH")),
    Exploit("a dash", "a range", lambda p: _span(p, "LOW–HIGH")),
    Exploit("an interval", "a range", lambda p: _span(p, "[LOW, HIGH]")),
    Exploit("inequalities", "a range", lambda p: _span(p, r"LOW \le x \le HIGH")),
    Exploit("at least", "a bound", lambda p: p.reply(rf"x \ge {p.gold}")),
    Exploit(
        "modulo one",
        "a class that holds every integer",
        lambda p: p.reply(rf"{p.gold} \pmod 1") if p.whole is not None else None,
    ),
    Exploit("any number", "all numbers at once", lambda p: p.reply(r"x \in \mathbb{R}")),
    Exploit("a wildcard", "a pattern that everything matches", lambda p: p.reply(".*")),
    Exploit("all of them", "no answer, or every answer", lambda p: p.reply("all of the above")),
    Exploit("not a number", "a value for which comparing fails", lambda p: p.reply("NaN")),
    Exploit("infinity", "larger than every bound", lambda p: p.reply(r"\infty")),
)
