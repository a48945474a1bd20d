"""Worked steps for procedural problems, by task: the teacher that writes inside the think tags.

A writer turns a reasoning-gym entry into lines of arithmetic; the last line ends in the answer.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from reasoning_lab.errors import DataError
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.suggest import did_you_mean

# A context of our own: reasoning-gym's decimal tasks lower the precision of the global one.
_EXACT = Context(prec=200)


def trace(task: str, entry: dict[str, Any]) -> str | None:
    """The worked steps of one problem, or None for a task without a writer."""
    writer = WRITERS.get(task)
    return None if writer is None else "\n".join(writer(entry))


def require(task: str, where: str) -> None:
    """Raises DataError unless there is a writer of steps for the task."""
    own = OWN_TASKS.get(task)
    if task not in WRITERS and (own is None or not own.has_steps):
        known = [*WRITERS, *(name for name, one in OWN_TASKS.items() if one.has_steps)]
        raise DataError.one(
            f"{where}.mode",
            f"nobody wrote how the steps of `{task}` go, so it cannot be taught to think",
            f"use mode=direct, or add a writer to data/traces.py; {did_you_mean(task, known)}",
        )


def _chain_sum(entry: dict[str, Any]) -> list[str]:
    """Left to right, one operation a line: `46+57=103`, `103-12=91`.

    No blanks: in a Qwen2 tokenizer the blank before a number is a token of its own, and these
    are the lines that the embedded model spends most of its tokens on.
    """
    first, *rest = entry["metadata"]["expression"].split(" ")
    total = Decimal(first)
    steps = []
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        move = _EXACT.add if sign == "+" else _EXACT.subtract
        after = move(total, Decimal(term))
        steps.append(f"{total}{sign}{term}={after}")
        total = after
    return steps or [f"{first}={total}"]


def _products(entry: dict[str, Any]) -> list[str]:
    """Long multiplication: one line a digit of the second factor, then their running sum."""
    first, *rest = (int(term) for term in entry["metadata"]["expression"].split(" * "))
    steps = []
    product = first
    for factor in rest:
        sign = -1 if factor < 0 else 1
        digits = str(abs(factor))
        places = [sign * int(d) * 10 ** (len(digits) - 1 - i) for i, d in enumerate(digits)]
        parts = [place for place in places if place] or [0]
        total = product * parts[0]
        steps.append(f"{product}*{parts[0]}={total}")
        for part in parts[1:]:
            partial = product * part
            steps += [f"{product}*{part}={partial}", f"{total}+{partial}={total + partial}"]
            total += partial
        product = total
    return steps or [f"{first}={first}"]


def _gcd(entry: dict[str, Any]) -> list[str]:
    """Euclid's algorithm with its quotients: `48=2*18+12`, …, `gcd(48,18)=6`."""
    first, *rest = entry["metadata"]["numbers"]
    steps = []
    for number in rest:
        lines, divisor = euclid(first, number)
        steps += lines
        first = divisor
    return steps


def _lcm(entry: dict[str, Any]) -> list[str]:
    """By the greatest common divisor: lcm(a, b) = a / gcd(a, b) * b."""
    first, *rest = entry["metadata"]["numbers"]
    steps = []
    for number in rest:
        lines, divisor = euclid(first, number)
        quotient = first // divisor
        multiple = quotient * number
        steps += [*lines, f"{first}/{divisor}={quotient}", f"{quotient}*{number}={multiple}"]
        first = multiple
    return steps


def euclid(a: int, b: int) -> tuple[list[str], int]:
    """The division steps for two positive numbers, the larger first, and their divisor."""
    high, low = max(a, b), min(a, b)
    steps = []
    while low:
        steps.append(f"{high}={high // low}*{low}+{high % low}")
        high, low = low, high % low
    return [*steps, f"gcd({a},{b})={high}"], high


WRITERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "chain_sum": _chain_sum,
    "decimal_chain_sum": _chain_sum,
    "products": _products,
    "gcd": _gcd,
    "lcm": _lcm,
}
