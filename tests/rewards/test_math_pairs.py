"""The verifier against the table of pairs: one by one, in one batch, and from a thread."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from reasoning_lab import verify_math, verify_math_batch
from reasoning_lab.judges.math.verify import Item, verify, verify_batch
from reasoning_lab.text.example import Verdict
from rewards.math_pairs import Pair, pairs

ROWS = [pytest.param(pair, id=f"{pair.line} {pair.kind}") for pair in pairs()]

# What was asked, an answer, the gold, and whether the answer is paid.
ECHOES = [
    (r"What is $\binom{7}{3}$?", r"\binom{7}{3}", "35", False, "the question again"),
    (r"What is $\binom{7}{3}$?", "35", "35", True, ""),
    ("Compute $2^{10}$.", "2^{10}", "1024", False, "the question again"),
    ("Compute $2^{10}$.", "1024", "1024", True, ""),
    ("Compute $2^{10}$.", "4^5", "1024", True, "a closed form that nobody asked for"),
    ("Simplify $\\sqrt{50}$.", r"\sqrt{50}", r"5\sqrt{2}", False, "the question again"),
    ("Simplify $\\sqrt{50}$.", r"5\sqrt{2}", r"5\sqrt{2}", True, ""),
    ("Expand $(x+1)^2$.", "(x+1)^2", "x^2+2x+1", False, "the question again"),
    ("Expand $(x+1)^2$.", "x^2+2x+1", "x^2+2x+1", True, ""),
    ("Which is larger, 7 or 9?", "9", "9", True, "a plain number may stand in the question"),
    ("Is $5$ a root of $x^2=25$?", "yes", "yes", True, ""),
    ("What is 6 * 7?", "6*7", "42", False, "the question again"),
    # the same in other signs, behind a letter, a name or a unit
    ("Compute $2^{10}$.", "２^{10}", "1024", False, "full-width"),
    ("Compute $2^{10}$.", "2¹⁰", "1024", False, "raised digits"),
    ("Compute $2^{10}$.", "(A) 2^{10}", "1024", False, "behind a letter"),
    ("Compute $2^{10}$.", "A:B=2^{10}", "1024", False, "behind a name"),
    ("Compute $2^{10}$.", "x=2^{10}", "1024", False, "behind a name"),
    ("Compute $2^{10}$.", r"\{2^{10}\}", "1024", False, "in braces"),
    ("Compute $2^{10}$.", r"2^{10}\text{ miles}", "1024", False, "with a unit"),
    ("Compute $2^{10}$.", "2^{10}", r"\textbf{(D)}\ 1024", False, "for a choice with its value"),
    ("Expand $(x + 1)^2$.", "（x+1）^2", "x^2+2x+1", False, "full-width"),
    ("Expand $(x + 1)^2$.", r"\\left(x+1\\right)^2", "x^2+2x+1", False, "doubled backslashes"),
    ("Expand $(x + 1)^2$.", "A. (x+1)^2", "x^2+2x+1", False, "behind a letter"),
    ("Expand $(x + 1)^2$.", "(x+1)^2", r"\textbf{(D)}\ x^2+2x+1", False, "for a choice"),
    ("Solve $x^2<4$.", r"x^2\not\ge4", "(-2,2)", False, "turned around"),
    (r"Is it (A) $\frac13$ or (B) $\frac12$?", r"\frac12", r"(B)\ \frac12", True, "its text"),
    (r"Is it (A) $\frac13$ or (B) $\frac12$?", "0.5", r"(B)\ \frac12", True, "its value"),
]


def _shown(text: str) -> str:
    return text if len(text) < 300 else f"{text[:300]}…"


@pytest.mark.parametrize("pair", ROWS)
def test_the_verdict_of_a_pair(pair: Pair) -> None:
    for text in pair.completions():
        judged = verify(text, pair.gold, marks=pair.marks)
        said = (_shown(text), _shown(pair.gold), judged.reason, pair.reason)
        assert judged.verdict.value in pair.verdicts, said
        assert judged.reason


def test_all_pairs_in_one_batch() -> None:
    rows = [(pair, text) for pair in pairs() for text in pair.completions()]
    found = verify_batch([Item(text, pair.gold, pair.marks) for pair, text in rows])
    assert len(found) == len(rows)
    for (pair, text), judged in zip(rows, found, strict=True):
        assert judged.verdict.value in pair.verdicts, (pair.line, _shown(text), judged.reason)


def test_the_public_names_say_the_same_from_a_thread() -> None:
    # Time-outs by signal work in the main thread only; these verdicts must not depend on it.
    some = [pair for pair in pairs() if not pair.marks][::7]
    asked = [(pair.completions()[0], pair.gold) for pair in some]
    with ThreadPoolExecutor(2) as threads:
        batch = threads.submit(verify_math_batch, asked, timeout=2.0)
        single = threads.submit(lambda: [verify_math(text, gold) for text, gold in asked])
        for pair, one, other in zip(some, batch.result(), single.result(), strict=True):
            assert one.value in pair.verdicts, pair.line
            assert other.value in pair.verdicts, pair.line


@pytest.mark.parametrize(("question", "answer", "gold", "paid", "why"), ECHOES)
def test_an_echo_of_the_question_is_no_answer(
    question: str, answer: str, gold: str, paid: bool, why: str
) -> None:
    judged = verify(rf"\boxed{{{answer}}}", gold, question=question)
    assert judged.verdict is (Verdict.CORRECT if paid else Verdict.WRONG), (why, judged.reason)


def test_the_table_is_sound() -> None:
    rows = pairs()
    verdicts = Counter(verdict for pair in rows for verdict in pair.verdicts[:1])
    assert len(rows) >= 450
    assert set(verdicts) <= {verdict.value for verdict in Verdict}
    assert 0.35 <= verdicts["correct"] / len(rows) <= 0.6
    assert len({(pair.kind, pair.completion, pair.gold) for pair in rows}) == len(rows)
    for pair in rows:
        usual = pair.verdicts in (("correct",), ("wrong",))
        assert usual or pair.reason, f"line {pair.line} needs its reason"
        assert usual or "correct" not in pair.verdicts, pair.line
