"""Properties of the verifier and its normal form, over generated text."""

from fractions import Fraction

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.math.number import TooLargeError, quantity
from reasoning_lab.judges.math.verify import compare, parse_gold, verify
from reasoning_lab.text.example import Verdict

PIECES = st.sampled_from(
    [
        *"0123456789.,-+/%$€=^_{}()[]<>|~*!?°× −½",
        "\\", "\\frac", "\\dfrac", "\\sqrt", "\\text", "\\boxed{", "\\left", "\\right", "\\,",
        "\\%", "\\times ", "\\pi", "\\circ", "10^{", "e9", "<think>", "</think>",
        "<answer>", "</answer>", " or ", " dollars", "cm", "x", "A",
        "The answer is ", "{,}", "1,234", "$$", "\\(", "\\)",
    ]
)  # fmt: skip
MATHS = st.lists(PIECES, max_size=12).map("".join)
TEXT = MATHS | st.text(max_size=60)
NUMBERS = st.fractions(max_denominator=10_000)


@settings(deadline=None)
@given(TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(deadline=None)
@given(TEXT, TEXT)
def test_the_verifier_never_raises(text: str, gold: str) -> None:
    assert verify(text, gold).verdict in Verdict
    assert compare(text, gold).reason


@settings(deadline=None)
@given(TEXT)
@example("</think><answer>0")
@example(r"0\boxed{0}")
def test_a_sound_gold_equals_itself(gold: str) -> None:
    assume(not parse_gold(gold).problem)
    assert verify(f"<think>x</think><answer>{gold}</answer>", gold).verdict is Verdict.CORRECT
    assert compare(gold, gold).verdict is Verdict.CORRECT


@settings(deadline=None)
@given(TEXT)
def test_a_number_in_normal_form_is_found_or_refused_but_never_raises(text: str) -> None:
    try:
        found = quantity(normalise(text))
    except TooLargeError:
        return
    assert found is None or isinstance(found.value, Fraction)


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_numbers_are_equal_exactly_when_their_values_are(left: Fraction, right: Fraction) -> None:
    latex = rf"\frac{{{left.numerator}}}{{{left.denominator}}}"
    for spelling in (str(left), latex):
        expected = Verdict.CORRECT if left == right else Verdict.WRONG
        if left.denominator > 1 or spelling is not latex:
            assert compare(spelling, str(right)).verdict is expected


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_spellings_of_an_integer(number: int, zeros: int) -> None:
    point = "." if zeros else ""
    dollars = f"-${-number}" if number < 0 else f"${number}"
    for spelling in (f"{number:,}", f"{number}{point}{'0' * zeros}", dollars, f"{number} apples"):
        assert compare(spelling, str(number)).verdict is Verdict.CORRECT
        assert compare(spelling, str(number + 1)).verdict is Verdict.WRONG
