import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import Pure, params

from reasoning_lab.errors import ParamsError
from reasoning_lab.sampling.budget import Budget, Enough, Spending, Spent
from reasoning_lab.sampling.request import Sampled
from reasoning_lab.sampling.stream import stream

Table = dict[tuple[str, int], bool | None]
"""The verdict of each (problem, sample)."""


def spending(**changes: object) -> Spending:
    fields = {"waves": (1, 2, 4, 8, 16), "keep": 1, "known": None, "extra": None}
    return Spending(**(fields | changes))


def run(table: Table, rule: Spending, engine: Pure) -> list[Spent]:
    """What each problem got when `table` says which samples are right."""

    def judge(batch: Sequence[Sampled]) -> list[bool | None]:
        return [table.get((one.key.problem, one.key.sample), False) for one in batch]

    problems = sorted({problem for problem, _ in table})
    asked = [(one, ({"role": "user", "content": one},)) for one in problems]
    budget = Budget(asked, rule, judge)
    for sampled in stream(budget, engine, params()):
        budget.add(sampled)
    return budget.close()


def row(verdicts: str, problem: str = "p") -> Table:
    """A table from letters: r right, w wrong, ? not judged."""
    words = {"r": True, "w": False, "?": None}
    return {(problem, index): words[letter] for index, letter in enumerate(verdicts)}


STOPS = [
    # verdicts, rule, samples drawn, verified, why
    ("rwwwwwwwwwwwwwww", {}, 1, [0], Enough.KEPT),
    ("wrwwwwwwwwwwwwww", {}, 2, [1], Enough.KEPT),
    ("wwrrwwwwwwwwwwww", {}, 4, [2, 3], Enough.KEPT),
    ("wwrrwwwwwwwwwwww", {"keep": 2}, 4, [2, 3], Enough.KEPT),
    ("rwwwwrwwwwwwwwww", {"keep": 2}, 8, [0, 5], Enough.KEPT),
    ("wwwwwwwwwwwwwwww", {}, 16, [], Enough.SPENT),
    ("????????????????", {}, 16, [], Enough.SPENT),
    ("?rwwwwwwwwwwwwww", {}, 2, [1], Enough.KEPT),
    ("rrrrrrrrrrrrrrrr", {"keep": None}, 16, list(range(16)), Enough.SPENT),
    ("wwwwwwwwwwwwwwww", {"keep": None, "known": 0.2}, 16, [], Enough.KNOWN),
    ("wwwwwwwwwwwwwwww", {"keep": None, "known": 0.3}, 8, [], Enough.KNOWN),
    ("rrrrrrrrrrrrrrrr", {"keep": None, "known": 0.3}, 8, list(range(8)), Enough.KNOWN),
    ("rwrwrwrwrwrwrwrw", {"keep": None, "known": 0.2}, 16, list(range(0, 16, 2)), Enough.SPENT),
]


@pytest.mark.parametrize(("verdicts", "rule", "drawn", "verified", "why"), STOPS)
def test_a_problem_stops_where_its_rule_says(
    verdicts: str, rule: dict[str, object], drawn: int, verified: list[int], why: Enough
) -> None:
    (spent,) = run(row(verdicts), spending(**rule), Pure())
    assert (spent.asked, spent.verified, spent.enough) == (drawn, verified, why)


def tables() -> st.SearchStrategy[Table]:
    rows = st.lists(st.text("rw?", min_size=40, max_size=40), min_size=1, max_size=5)

    def joined(found: list[str]) -> Table:
        parts = [row(verdicts, f"p{place}") for place, verdicts in enumerate(found)]
        return {key: right for part in parts for key, right in part.items()}

    return rows.map(joined)


RULES = st.builds(
    spending,
    keep=st.sampled_from([None, 1, 2, 3]),
    known=st.sampled_from([None, 0.2, 0.3]),
    extra=st.sampled_from([None, 20, 40]),
)


@settings(max_examples=50)
@given(tables(), RULES, st.integers(1, 9), st.integers(0, 99))
def test_the_order_of_arrival_decides_nothing(
    table: Table, rule: Spending, slots: int, order: int
) -> None:
    def found(engine: Pure) -> list[tuple[int, list[int], Enough | None]]:
        return [(one.asked, one.verified, one.enough) for one in run(table, rule, engine)]

    assert found(Pure(slots, order)) == found(Pure(1))


@settings(max_examples=50)
@given(tables(), RULES)
def test_no_more_is_spent_than_planned(table: Table, rule: Spending) -> None:
    spent = run(table, rule, Pure())
    assert sum(one.asked for one in spent) <= rule.waves[-1] * len(spent)
    assert all(one.asked <= (rule.extra or rule.waves[-1]) for one in spent)
    assert all(one.complete and one.enough is not None for one in spent)


def test_what_is_left_goes_to_those_that_have_nothing() -> None:
    table = row("r" * 16, "easy") | row("w" * 20 + "r" * 20, "hard") | row("w" * 40, "never")
    easy, hard, never = run(table, spending(extra=32), Pure())
    assert easy.asked == 1
    assert hard.asked == 23  # half of the fifteen that were left
    assert hard.verified == [20, 21, 22]
    assert hard.enough is Enough.KEPT
    assert never.asked == 24
    assert never.enough is Enough.SPENT


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.9])
def test_a_known_rate_is_wrong_in_about_five_per_cent_at_most(rate: float) -> None:
    """The interval of the look that stopped a problem, against the rate that made its verdicts."""
    draw, n, rule = random.Random(1), 600, spending(waves=(8, 16, 32, 64), keep=None, known=0.15)
    table = {(f"{p:04}", i): draw.random() < rate for p in range(n) for i in range(64)}
    missed = 0
    for one in run(table, rule, Pure(slots=64)):
        found = one.rate(1 - 0.05 / 4)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        missed += not found.low <= rate <= found.high
    assert missed / n <= 0.05 + 3 * (0.05 * 0.95 / n) ** 0.5


WRONG = [
    ({"waves": ()}, ["waves"]),
    ({"waves": (0, 4)}, ["waves"]),
    ({"waves": (4, 4)}, ["waves"]),
    ({"keep": 0}, ["keep"]),
    ({"known": 0.5}, ["known"]),
    ({"extra": 16}, ["extra"]),
    ({"waves": (2, 1), "keep": 0, "known": 0.0}, ["waves", "keep", "known"]),
]


@pytest.mark.parametrize(("changes", "where"), WRONG)
def test_a_rule_out_of_range_is_told(changes: dict[str, object], where: list[str]) -> None:
    with pytest.raises(ParamsError) as raised:
        spending(**changes)
    assert [problem.where for problem in raised.value.problems] == where
