"""What a run wrote, where a test has a tolerance: right numbers in any spelling, no others."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reasoning_lab.judges.code.equal import same_output
from reasoning_lab.judges.code.judging import judge_code
from reasoning_lab.text.code_tests import TOLERANCE


@pytest.mark.parametrize(
    ("expected", "got", "right"),
    [
        # what programs print for the same number
        ("0.3", "0.30000000000000004", True),
        ("1.000000", "1.0", True),
        ("1.000000", "1", True),
        ("0.333333333333", "0.333333", True),
        ("0.000025", "2.5e-05", True),
        ("2.5e-05", "0.000025", True),
        ("0.3 1.000000 x 2", "0.30000000000000004 1.0 x 2", True),
        ("0.1\n0.2\n", "0.10000000000000001\n0.2000", True),
        ("1e5", "100000", True),
        ("1E5", "100000.0", True),
        ("1.5", "+1.5", True),
        ("1.0", "1.", True),
        ("0.5", ".5", True),
        ("0.0", "-0.0", True),
        ("0.0", "1e-7", True),
        ("-1.5", "-1.50", True),
        ("1e400", "1.0e400", True),
        ("1000000.0", "1000000.9", True),
        # and numbers that are others
        ("0.3", "0.31", False),
        ("0.333333333333", "0.3333", False),
        ("1000000.0", "1000002.0", False),
        ("1.5", "-1.5", False),
        ("0.0", "1e-5", False),
        ("1.0", "1e400", False),
        ("1e400", "1.1e400", False),
        ("1e400", "inf", False),
        ("0.3 0.5", "0.3", False),
        ("0.3", "0.3 0.3", False),
        ("0.3 0.5", "0.5 0.3", False),
        # an integer is itself alone, in whatever spelling of a number
        ("1", "1.0", True),
        ("1", "+1", True),
        ("100", "1e2", True),
        ("0", "-0", True),
        ("1", "1.0000001", False),
        ("1", "0.9999999999", False),
        ("1000000007", "1000000006", False),
        ("10000000000000001", "1e16", False),
        ("50000000000000000", "50000000000000001", False),
        # what is no number is text
        ("nan", "nan", True),
        ("nan", "NaN", False),
        ("1.0", "nan", False),
        ("inf", "inf", True),
        ("inf", "Infinity", False),
        ("inf", "1e999999", False),
        ("1.0", "inf", False),
        ("1000.0", "1_000.0", False),
        ("1000", "1_000", False),
        ("16.0", "0x10", False),
        ("3.0", "\u0663.0", False),
        ("3.0", "\u0663", False),
        ("3.0", "\uff13.0", False),
        ("11", "0011", False),
        ("0011", "11", False),
        ("1.5", "01.5", False),
        ("1.2.3", "1.2.30", False),
        ("[0.5,", "[0.50,", False),
        ("0,5", "0.5", False),
        ("1e9999999", "1e9999999", True),
        ("1e9999999", "1e99999999", False),
        ("1.0", "1e99999999999999999999", False),
        ("1.0", ".", False),
        ("1.0", "", False),
        ("1.0", "1.0f", False),
        ("Yes", "yes", False),
        ("1.0", "- 1.0", False),
        # blanks, as the graders of contests have them
        ("1\n2", "1\n\n2\n", True),
        ("1\n\n2", "1\n2", True),
        ("1\n2", "\n\n 1\n\t2\n", True),
        (" 1\n2", "1\n2", True),
        ("1 2", "1  2", True),
        ("1 2", "1\t2 ", True),
        ("1\r\n2\r\n", "1\n2\n", True),
        ("", "\n \n", True),
        ("1 2", "1\n2", False),
        ("1\n2", "1 2", False),
        ("1 2\n3", "1\n2 3", False),
        ("12", "1 2", False),
        ("1", "1\u00a0", False),
        ("1.0", "1.0\u00a0", False),
        ("1 2", "1\u20032", False),
        ("1 2", "1\x0b2", False),
        ("1.0", "1.0\x0c", False),
        ("1.0", "1.0\x85", False),
        ("1.0", "1.0\0", False),
        ("1\n2", "1\u20282", False),
        ("1.0", "\ufeff1.0", False),
    ],
)
def test_output_within_a_tolerance(expected: str, got: str, right: bool) -> None:
    assert same_output(got, expected, TOLERANCE) is right
    assert right or not same_output(got, expected)


@pytest.mark.parametrize(
    ("expected", "got", "right"),
    [("0.5", "0.50", True), ("0.5", "0.5000000001", False), ("100", "1e2", True)],
)
def test_a_tolerance_of_nothing_compares_values(expected: str, got: str, right: bool) -> None:
    assert same_output(got, expected, 0.0) is right


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{0,12})?(e-?[0-9]{1,2})?", fullmatch=True)
WORDS = st.text("ab1.e-+_ \t\n\r", max_size=12)


@given(NUMBERS, NUMBERS)
@example("0.5", "0.5000005")
@example("1.0", "1.0000011")
def test_numbers_are_equal_within_the_tolerance_and_no_further(expected: str, got: str) -> None:
    gold, value = Fraction(expected), Fraction(got)
    near = Fraction("1e-6") * max(1, abs(gold)) if set(".e") & set(expected) else 0
    assert same_output(got, expected, TOLERANCE) is (abs(gold - value) <= near)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_way_to_print_a_number_is_right(value: float) -> None:
    for said in (
        repr(value),
        f"{value:.17g}",
        f"{value:.12e}",
        f"{value:.9f}",
        str(Decimal(value)),
    ):
        assert same_output(said, repr(value), TOLERANCE)


@given(st.integers(), st.integers())
def test_integers_are_exact(expected: int, got: int) -> None:
    assert same_output(str(got), str(expected), TOLERANCE) is (got == expected)


@given(st.text(), st.text())
@example("a  b", "a b")
def test_of_other_text_only_blanks_are_forgiven(expected: str, got: str) -> None:
    if not any(letter in "0123456789" for letter in expected):
        lines = [
            [line.replace("\t", " ").strip(" ").split(" ") for line in said.split("\n")]
            for said in (expected.replace("\r\n", "\n"), got.replace("\r\n", "\n"))
        ]
        tokens = [[[t for t in line if t] for line in one if any(line)] for one in lines]
        assert same_output(got, expected, TOLERANCE) is (tokens[0] == tokens[1])


@given(WORDS, WORDS)
def test_what_is_right_by_the_letter_is_right_within_any_tolerance(a: str, b: str) -> None:
    assert same_output(a, a, TOLERANCE)
    assert not same_output(a, b) or same_output(a, b, TOLERANCE)


@given(st.text("0123456789.e-", min_size=1, max_size=30), st.integers(1, 10**6))
def test_no_length_of_a_number_takes_long(number: str, times: int) -> None:
    long = number * (min(times, 60_000) // len(number) + 1)
    assert same_output(long, "1.5", TOLERANCE) in (True, False)
    assert same_output(long, long, TOLERANCE)


@pytest.mark.parametrize(
    ("more", "right"),
    [({}, 0.0), ({"tolerance": 1e-6}, 1.0), ({"tolerance": 1e-6, "exact": True}, 0.0)],
)
def test_a_program_is_judged_so(more: dict[str, object], right: float) -> None:
    test = {"type": "stdio", "stdin": "0.1 0.2", "stdout": "0.3\n7\n", **more}
    code = "print(sum(map(float, input().split())))\nprint()\nprint(7)"
    assert judge_code(code, [test]).share == right
