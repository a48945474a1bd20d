"""Properties of the normal form and of the verifier over generated LaTeX."""

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.math.verify import compare, parse_gold, verify
from reasoning_lab.text.example import Verdict

INTEGERS = st.integers(-(10**12), 10**12)
DECIMALS = st.builds(
    lambda whole, digits: f"{whole}.{digits}",
    st.integers(-999, 999),
    st.text("0123456789", min_size=1, max_size=2),
)
LEAVES = st.sampled_from(["1", "2", "3", "7", "x", "y", "n", r"\pi", "0.5", "a_1"])
WRAPPERS = ["${}$", r"\text{{{}}}", "  {}  ", "{}.", "$${}$$", r"\({}\)", "${}$.", " {} ."]
TYPESET = ["${}$", "  {}  ", "{}.", r"\({}\)", r"\boxed{{{}}}"]


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One level of LaTeX around smaller pieces."""
    return st.one_of(
        st.builds(r"\frac{{{}}}{{{}}}".format, inner, inner),
        st.builds(r"\sqrt{{{}}}".format, inner),
        st.builds("{}+{}".format, inner, inner),
        st.builds(r"({})\cdot({})".format, inner, inner),
        st.builds("({})^{{2}}".format, inner),
        st.builds(r"\sin({})".format, inner),
    )


LATEX = st.recursive(LEAVES, _grow, max_leaves=5)
STRUCTURES = st.one_of(
    LATEX,
    st.builds("({}, {})".format, LATEX, LATEX),
    st.builds("[{}, {})".format, INTEGERS, INTEGERS),
    st.builds(r"\{{{}, {}\}}".format, LATEX, LATEX),
    st.builds("x={}".format, LATEX),
    st.builds(r"\begin{{pmatrix}}{}\\{}\end{{pmatrix}}".format, LATEX, LATEX),
    st.builds("x>{}".format, INTEGERS),
)
SOUP = st.lists(
    st.sampled_from(
        [
            *"0123456789.,;:+-*/^_=<>()[]{}|!?%$&~'\"\x00 \n\t", "\\", "\\\\", "\\frac", "\\sqrt{",
            "\\text{", "\\begin{pmatrix}", "\\end{pmatrix}", "\\left(", "\\right]", "\\cup", "\\pm",
            "\\infty", "\\ge", "\\overline{", "x", "PM", "March", "1,234", "10^{", "\\boxed{",
            "</think>", "<answer>", "</answer>", "٤", "４", "½", "≤", "√", "\ud800", " or ", "𝟒",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(SOUP | st.text(max_size=80))
def test_the_normal_form_of_anything_is_a_fixed_point(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(deadline=None, max_examples=60)
@given(SOUP, STRUCTURES | SOUP)
def test_no_answer_and_no_gold_makes_the_verifier_raise(answer: str, gold: str) -> None:
    judged = verify(f"<think>x</think><answer>{answer}</answer>", gold)
    assert judged.verdict in Verdict
    assert judged.reason


@settings(deadline=None)
@given(STRUCTURES)
def test_a_generated_gold_equals_itself(gold: str) -> None:
    assert not parse_gold(gold).problem
    for text in (f"<answer>{gold}</answer>", rf"\boxed{{{gold}}}"):
        assert verify(text, gold).verdict is Verdict.CORRECT


@settings(deadline=None)
@given(INTEGERS | DECIMALS | st.fractions(max_denominator=999), st.sampled_from([1, -1]))
def test_a_number_plus_or_minus_one_is_wrong(number: int | str | Fraction, step: int) -> None:
    other = Fraction(number) + step
    assert compare(str(other), str(number)).verdict is Verdict.WRONG
    assert compare(str(number), str(other)).verdict is Verdict.WRONG


@settings(deadline=None)
@given(INTEGERS, INTEGERS, st.sampled_from(WRAPPERS))
def test_what_stands_around_a_number_changes_nothing(left: int, right: int, around: str) -> None:
    for gold in (left, right):
        plain = compare(str(left), str(gold)).verdict
        assert compare(around.format(left), str(gold)).verdict is plain
        assert compare(str(left), around.format(gold)).verdict is plain


@settings(deadline=None, max_examples=50)
@given(STRUCTURES, st.sampled_from(TYPESET))
def test_what_stands_around_a_formula_changes_nothing(gold: str, around: str) -> None:
    assert compare(around.format(gold), gold).verdict is Verdict.CORRECT
    assert compare(gold, around.format(gold)).verdict is Verdict.CORRECT


@settings(deadline=None)
@given(st.fractions(max_denominator=60), st.fractions(max_denominator=60), st.booleans())
def test_equality_of_fractions_has_no_direction(
    left: Fraction, right: Fraction, same: bool
) -> None:
    right = left if same else right
    # An integer written as a quotient restates a division, in one direction only.
    assume(left.denominator > 1 and right.denominator > 1)
    latex = rf"\frac{{{right.numerator}}}{{{right.denominator}}}"
    there, back = compare(str(left), latex).verdict, compare(latex, str(left)).verdict
    assert there is back is (Verdict.CORRECT if left == right else Verdict.WRONG)


@settings(deadline=None)
@given(INTEGERS, INTEGERS | st.none())
def test_equality_of_integers_has_no_direction(left: int, other: int | None) -> None:
    right = left if other is None else other
    there, back = compare(f"{left:,}", f"{right}.0"), compare(f"{right}.0", f"{left:,}")
    assert there.verdict is back.verdict
    assert (there.verdict is Verdict.CORRECT) == (left == right)


@settings(deadline=None, max_examples=40)
@given(LATEX, st.integers(1, 9))
def test_a_formula_and_the_formula_plus_a_number_differ(formula: str, step: int) -> None:
    assume(r"\pi" not in formula)  # 1/sin(pi) is no number, and has no neighbour
    assert compare(f"{formula}+{step}", formula).verdict is not Verdict.CORRECT
