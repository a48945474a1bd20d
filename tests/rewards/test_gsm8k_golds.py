"""Every gold answer of GSM8K, in the spellings that models give it.

The data are not in the repository: set REASONING_LAB_GSM8K to a folder with the `.jsonl` files of
GSM8K (one object a line, whose `answer` ends in `#### number`).
"""

import json
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from reasoning_lab.judges.math.verify import compare, parse_gold, verify
from reasoning_lab.text.example import Verdict

FOLDER = os.environ.get("REASONING_LAB_GSM8K", "")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="REASONING_LAB_GSM8K names no folder with the .jsonl files of GSM8K"
)

SPELLINGS: dict[str, Callable[[Fraction], str]] = {
    "dollar sign": lambda n: f"-${plain(-n)}" if n < 0 else f"${plain(n)}",
    "dollar sign in LaTeX": lambda n: rf"\${plain(n)}",
    "commas": lambda n: f"{int(n):,}" if n.denominator == 1 else plain(n),
    "LaTeX commas": lambda n: f"{int(n):,}".replace(",", "{,}") if n.denominator == 1 else plain(n),
    "point zero": lambda n: f"{int(n)}.0" if n.denominator == 1 else plain(n) + "0",
    "point zero zero": lambda n: f"{int(n)}.00" if n.denominator == 1 else plain(n) + "00",
    "a unit": lambda n: f"{plain(n)} apples",
    "a unit in LaTeX": lambda n: rf"{plain(n)}\text{{ hours}}",
    "dollars": lambda n: f"{plain(n)} dollars",
    "math delimiters": lambda n: f"${plain(n)}$",
    "a name": lambda n: f"x = {plain(n)}",
    "a full stop": lambda n: f"{plain(n)}.",
}


def plain(number: Fraction) -> str:
    """The number as decimal digits; GSM8K holds no other."""
    return str(int(number)) if number.denominator == 1 else str(float(number))


def rows() -> list[tuple[str, str]]:
    """(the worked solution, its gold) of every row."""
    found = []
    for path in sorted(Path(FOLDER).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            solution = json.loads(line)["answer"]
            found.append((solution, solution.rpartition("####")[2].strip()))
    assert found, f"no rows in {FOLDER}"
    return found


def test_every_gold_is_sound_and_equals_itself() -> None:
    for _, gold in rows():
        assert not parse_gold(gold).problem, gold
        for text in (f"<answer>{gold}</answer>", rf"<think>so</think> \boxed{{{gold}}}"):
            assert verify(text, gold).verdict is Verdict.CORRECT, gold


@pytest.mark.parametrize("spelling", list(SPELLINGS))
def test_every_gold_is_met_by_its_spelling_and_not_by_a_neighbour(spelling: str) -> None:
    spell = SPELLINGS[spelling]
    for _, gold in rows():
        number = Fraction(gold.replace(",", ""))
        assert compare(spell(number), gold).verdict is Verdict.CORRECT, (spell(number), gold)
        for other in (number + 1, number - 1):
            assert compare(spell(other), gold).verdict is Verdict.WRONG, (spell(other), gold)


def test_every_worked_solution_verifies_where_hashes_mark_the_answer() -> None:
    for solution, gold in rows():
        assert verify(solution, gold, marks=("hashes",)).verdict is Verdict.CORRECT, gold
        assert verify(solution, gold).verdict is Verdict.UNPARSABLE, gold
