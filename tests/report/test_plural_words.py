"""Numbers and nouns as a reader wants them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.report.text.words import counted, percent, plain, points, share, titled
from reasoning_lab.statistics.interval import Estimate

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


@given(FINITE)
def test_a_number_has_no_exponent_and_keeps_three_digits(value: float) -> None:
    said = plain(value)
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?", said)
    assert said != "-0"
    assert abs(float(said.replace(",", "")) - value) <= max(1e-6, 0.00501 * abs(value))


@pytest.mark.parametrize(
    ("value", "said"), [(-1.44e-08, "0"), (1.5e-05, "0.000015"), (-0.00123, "-0.00123"), (0.0, "0")]
)
def test_a_number_near_zero(value: float, said: str) -> None:
    assert plain(value) == said


@given(st.floats(-1e-5, 1e-5))
def test_nothing_is_less_than_nothing(value: float) -> None:
    estimate = Estimate(value=value, low=value, high=value, n=5)
    for said in (percent(value), share(estimate), points(estimate)):
        assert not re.search(r"-0\.0+(?!\d)", said)


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1.0, "1 row"), (0.5, "0.5 rows")],
)
def test_a_noun_follows_its_number(number: float, said: str) -> None:
    assert counted(number, "row") == said


@pytest.mark.parametrize("verb", ["audit", "score", "samples", "replay", "grpo"])
def test_a_name_that_is_the_verb_is_said_once(verb: str) -> None:
    assert titled(verb, verb) == verb
    assert titled(verb, "mine") == f"{verb} · mine"
