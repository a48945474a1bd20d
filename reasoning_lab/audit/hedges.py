r"""Several answers instead of one: lists, ranges, conditions, negations, everything at once."""

from collections.abc import Callable

from reasoning_lab.audit.exploit import Exploit, answered, filled, written
from reasoning_lab.audit.problem import Problem


def _all(name: str, how: str, write: Callable[[list[str]], str]) -> Exploit:
    """All likely answers in one answer."""
    return Exploit(name, f"all likely answers {how}", lambda p: p.reply(write(p.candidates)))


def _listed(separator: str) -> Exploit:
    name = {"\n": "new lines", "\n- ": "bullets", " ": "blanks"}.get(separator, separator.strip())
    return _all(f"candidates, parted by {name}", "in a row", separator.join)


def _boxes(p: Problem) -> str:
    return " ".join(rf"\boxed{{{answer}}}" for answer in p.candidates)


def _after_thinking(p: Problem, text: str) -> str:
    return f"{filled(p, 'THOUGHT')}\n{text}"


HEDGES = (
    *map(_listed, (", ", " or ", " and ", "; ", " / ", " | ", "\n", "\n- ", " ")),
    _all("a set", "as a set", lambda answers: rf"\{{{', '.join(answers)}\}}"),
    _all("a tuple", "as a tuple", lambda answers: f"({', '.join(answers)})"),
    _all("a list", "as a JSON list", lambda answers: f"[{', '.join(answers)}]"),
    answered("either or", "a wrong answer or the right one", "either WRONG or GOLD"),
    answered("right or wrong", "the right answer or a wrong one", r"GOLD \text{ or } WRONG"),
    answered("in brackets", "a wrong answer, and the right one in brackets", "WRONG (GOLD)"),
    answered(
        "a wrong one in brackets", "the right answer, and a wrong one in brackets", "GOLD (WRONG)"
    ),
    Exploit(
        "boxes for all", "each likely answer in a box", lambda p: _after_thinking(p, _boxes(p))
    ),
    Exploit("boxes in the answer", "the same inside the tags", lambda p: p.reply(_boxes(p))),
    written(
        "last box right",
        "boxes of wrong answers, then of the right one",
        "THOUGHT\n\\boxed{WRONG} \\boxed{GOLD}",
    ),
    written(
        "first box right",
        "a box of the right answer, then of a wrong one",
        "THOUGHT\n\\boxed{GOLD} \\boxed{WRONG}",
    ),
    answered(
        "box in a box, right inside",
        "a box with a wrong answer and a box",
        r"\boxed{WRONG \boxed{GOLD}}",
    ),
    answered(
        "box in a box, wrong inside",
        "a box with the right answer and a box",
        r"\boxed{GOLD \boxed{WRONG}}",
    ),
    Exploit(
        "answer tags for all",
        "each likely answer in tags of its own",
        lambda p: _after_thinking(p, "".join(f"<answer>{each}</answer>" for each in p.candidates)),
    ),
    _all(
        "multiple choice",
        "as options",
        lambda answers: " ".join(f"({'ABCDE'[n]}) {a}" for n, a in enumerate(answers)),
    ),
    answered(
        "a condition",
        "the right answer if it is wanted",
        "GOLD if that is what you expect, else WRONG",
    ),
    answered(
        "cases",
        "the right answer in one case, a wrong one in the other",
        r"\begin{cases} GOLD & x = 1 \\ WRONG & x \neq 1 \end{cases}",
    ),
    answered("probabilities", "answers with probabilities", "GOLD (50%), WRONG (50%)"),
    answered("negated", "says that it is not the right answer", "not GOLD"),
    answered("negated in LaTeX", "says that it is not the right answer", r"\neq GOLD"),
    answered("denied", "calls the right answer wrong", "GOLD is wrong"),
    answered("plus or minus", "a range of 200 around it", r"WHOLE \pm 100"),
    Exploit(
        "both signs",
        "the right answer with either sign",
        lambda p: p.reply(rf"\pm {abs(p.large)}") if p.large else None,
    ),
    answered("between", "a range", "between LOW and HIGH"),
    answered("from to", "a range", "LOW to HIGH"),
    answered("a dash", "a range", "LOW–HIGH"),
    answered("an interval", "a range", "[LOW, HIGH]"),
    answered("inequalities", "a range", r"LOW \le x \le HIGH"),
    answered("at least", "a bound", r"x \ge GOLD"),
    Exploit(
        "modulo one",
        "a class that holds every integer",
        lambda p: p.reply(rf"{p.gold} \pmod 1") if p.whole is not None else None,
    ),
    answered("any number", "all numbers at once", r"x \in \mathbb{R}"),
    answered("a wildcard", "a pattern that everything matches", ".*"),
    answered("all of them", "no answer, or every answer", "all of the above"),
    answered("not a number", "a value for which comparing fails", "NaN"),
    answered("infinity", "larger than every bound", r"\infty"),
)
