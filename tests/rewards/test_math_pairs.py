"""The verifier against the table of pairs, one by one and in one batch."""

from __future__ import annotations

from collections import Counter

import pytest

from reasoning_lab.rewards.verify import verify
from reasoning_lab.text.example import Verdict
from tests.rewards.math_pairs import Pair, pairs

ROWS = [pytest.param(pair, id=f"{pair.line} {pair.kind}") for pair in pairs()]


@pytest.mark.parametrize("pair", ROWS)
def test_the_verdict_of_a_pair(pair: Pair) -> None:
    for completion in pair.completions():
        judged = verify(completion, pair.gold, marks=pair.marks)
        shown = completion if len(completion) < 300 else f"{completion[:300]}…"
        assert judged.verdict.value in pair.verdicts, (shown, pair.gold, judged.reason, pair.reason)
        assert judged.reason


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
        assert "correct" not in pair.verdicts[1:], pair.line
