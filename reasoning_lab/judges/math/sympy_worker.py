"""What runs in the worker: one (answer, gold) pair in, a verdict and its reason out, as JSON.

Only the pool's processes import this file and the two it stands on: sympy is slow to load, can
run for ever, and printing one of its objects can as well.
"""

import json
import logging
import warnings
from collections.abc import Callable

from reasoning_lab.judges.math.sympy_equal import KNOWN, equal
from reasoning_lab.judges.math.sympy_parse import UnreadableError, is_complex, parse, parse_gold
from reasoning_lab.text.example import Verdict


def prepare() -> Callable[[str], str]:
    """The handler, warmed up: the grammar's tables are built with the first formula.

    Raises `RuntimeError` where a pair of known outcome comes out wrong: with a parser that does
    not fit, every answer would count as unparsable, and nobody would notice.
    """
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for answer, gold, outcome in KNOWN:
        verdict, reason = judge(answer, gold)
        if (verdict is Verdict.CORRECT) is not outcome:
            raise RuntimeError(f"{answer!r} against {gold!r} gave {verdict.value}: {reason}")
    parse_gold.cache_clear()
    return handle


def handle(job: str) -> str:
    """A JSON list of answer and gold to a JSON list of verdict and reason."""
    answer, gold = json.loads(job)
    verdict, reason = judge(answer, gold)
    return json.dumps([verdict.value, reason])


def judge(answer: str, gold: str) -> tuple[Verdict, str]:
    """The verdict on a pair, and why."""
    real = not is_complex(answer, gold)
    try:
        target = parse_gold(gold, real)
    except UnreadableError as error:
        return Verdict.UNPARSABLE, f"gold: no formula that can be read ({error})"
    try:
        parsed = parse(answer, real)
    except UnreadableError as error:
        return Verdict.UNPARSABLE, f"no formula that can be read ({error})"
    try:
        same = equal(answer, gold, parsed, target)
    except (ValueError, TypeError, ArithmeticError, RecursionError, NotImplementedError) as error:
        # How sympy says that it has no answer: nan, a complex number in an inequality, a
        # division by zero, nesting too deep for it, an algorithm that does not cover the case.
        return Verdict.UNPARSABLE, f"cannot be compared ({type(error).__name__})"
    if same:
        return Verdict.CORRECT, "symbolically equal"
    return Verdict.WRONG, "not found equal symbolically"
