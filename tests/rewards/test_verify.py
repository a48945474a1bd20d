r"""The verifier on pairs of (what the model answered, gold).

Each row of the answer tables is judged twice: inside `<answer>` and inside `\boxed`.
"""

import pytest

from reasoning_lab.judges.math.verify import compare, verify
from reasoning_lab.text.example import Verdict

C, W, U, B = Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSABLE, Verdict.BAD_GOLD

SAME = [
    # integers and signs
    ("42", "42", ""),
    (" 42 ", "42", ""),
    ("42.", "42", "a full stop ends a sentence"),
    ("+42", "42", ""),
    ("042", "42", "leading zeros change no number"),
    ("-7", "-7", ""),
    ("- 7", "-7", ""),
    ("−7", "-7", "U+2212, the true minus sign"),
    ("–7", "-7", "an en dash, which models write for minus"),
    ("(-7)", "-7", "parentheses around one number"),
    ("(7)", "7", ""),
    ("-0", "0", ""),
    ("0.0", "0", ""),
    ("= 42", "42", ""),
    ("$42$", "42", "math delimiters"),
    ("$$42$$", "42", ""),
    (r"\(42\)", "42", ""),
    (r"\[42\]", "42", ""),
    ("**42**", "42", "markdown"),
    ("`42`", "42", ""),
    ("{42}", "42", ""),
    (r"\text{42}", "42", ""),
    (r"\mathbf{42}", "42", ""),
    (r"\boxed{42}", "42", "a box in a box, or in the tag"),
    (r"$\boxed{42}$", "42", ""),
    ("42\u200b", "42", "a zero-width space"),
    ("\u00a042", "42", "a no-break space"),
    ("123456789012345678901234567890", "123456789012345678901234567890", ""),
    # decimals
    ("42.0", "42", ""),
    ("42.000", "42", ""),
    (".5", "0.5", ""),
    ("0.50", "0.5", ""),
    ("5.", "5", ""),
    ("-.25", "-1/4", ""),
    # thousands
    ("1,234", "1234", ""),
    ("1234", "1,234", ""),
    ("1,234,567.5", "1234567.5", ""),
    ("1{,}234", "1234", "LaTeX's own way"),
    ("-1,234", "-1234", ""),
    (r"10,\!000", "10000", "as the MATH data set writes it"),
    (r"1\,234\,567", "1234567", "thin spaces between groups of three"),
    (r"\$1{,}234.50", "1234.5", ""),
    ("$1,234", "1234", ""),
    # fractions
    ("1/2", "0.5", ""),
    ("0.5", "1/2", ""),
    ("1 / 2", "1/2", ""),
    ("2/4", "1/2", "not in lowest terms, but no integer in disguise"),
    (r"\frac{1}{2}", "1/2", ""),
    (r"\frac12", "1/2", ""),
    (r"\frac 1 2", "1/2", ""),
    (r"\frac{1}2", "1/2", ""),
    (r"\frac1{2}", "1/2", ""),
    (r"\dfrac{1}{2}", "0.5", ""),
    (r"\tfrac12", "0.5", ""),
    (r"\cfrac{1}{2}", "0.5", ""),
    (r"\displaystyle\frac{1}{2}", "1/2", ""),
    (r"-\frac{1}{2}", "-0.5", ""),
    (r"\frac{-1}{2}", "-0.5", ""),
    (r"\frac{1}{-2}", "-0.5", ""),
    (r"\frac{-1}{-2}", "0.5", ""),
    ("-1/2", r"-\frac12", ""),
    (r"$\frac{22}{7}$", "22/7", ""),
    ("1 1/2", "3/2", "a mixed number"),
    (r"1\frac{1}{2}", "1.5", ""),
    (r"1 \frac12", "1.5", ""),
    ("½", "0.5", ""),
    ("2½", "2.5", ""),
    ("1⁄2", "1/2", "the fraction slash U+2044"),
    ("0/5", "0/7", "both spell zero"),
    # percent
    ("50%", "50%", ""),
    (r"50\%", "50%", ""),
    ("50 %", "50%", ""),
    ("50 percent", "50%", ""),
    ("0.5", "50%", ""),
    ("1/2", "50%", ""),
    ("50%", "0.5", ""),
    ("50%", "50", "above 1 the sign is a unit"),
    ("50", "50%", ""),
    ("100%", "1", ""),
    ("12.5%", "1/8", ""),
    # currency and units
    ("$18", "18", ""),
    (r"\$18", "18", ""),
    ("$18.00", "18", ""),
    (r"$\$18$", "18", "a dollar sign inside math delimiters"),
    ("$ 18", "18", ""),
    ("-$18", "-18", ""),
    ("$-18", "-18", ""),
    ("18 dollars", "18", ""),
    ("18 dollars", "$18", ""),
    ("$18 per day", "18", ""),
    ("€18", "18", ""),
    ("18€", "€18", ""),
    ("18 USD", "$18", ""),
    ("5 m", "5", ""),
    ("5", "5 m", "the gold's unit was left out"),
    ("5 meters", "5 m", ""),
    (r"5\text{ m}", "5 m", ""),
    (r"5 \, \mathrm{cm}", "5 cm", ""),
    ("5cm", "5 cm", ""),
    ("12 cm^2", "12", ""),
    (r"12\text{ cm}^2", "12 cm^{2}", ""),
    ("12 square meters", "12 m^2", ""),
    ("90°", "90", ""),
    (r"90^\circ", "90", ""),
    (r"90^{\circ}", "90°", ""),
    ("90 degrees", "90°", ""),
    ("60 km/h", "60", ""),
    ("60 mph", "60 miles per hour", ""),
    ("5 apples", "5", ""),
    ("5 red apples", "5", ""),
    ("1 apple", "1 apples", "singular and plural are one unit"),
    ("3 hours", "3 hrs", ""),
    # scientific notation
    ("1e3", "1000", ""),
    ("1E+3", "1000", ""),
    ("1.5e-3", "0.0015", ""),
    (r"1.5 \times 10^{3}", "1500", ""),
    (r"1.5\times10^3", "1500", ""),
    ("1.5 × 10^3", "1500", ""),
    (r"2 \cdot 10^{-2}", "0.02", ""),
    ("1.5*10^3", "1500", ""),
    ("1.5 x 10^3", "1500", ""),
    ("10^{6}", "1000000", "a power of ten is scientific notation"),
    ("1e400", "1e400", ""),
    ("1e999999999", "1e999999999", "equal letter by letter, never computed"),
    ("9^{9^9}", "9^{9^9}", "a legitimate tower that is the gold itself"),
    # names and phrases
    ("x=5", "5", ""),
    ("x = 5", "5", ""),
    ("5", "x=5", ""),
    ("x_1 = 5", "5", ""),
    ("The answer is 42", "42", ""),
    ("the final answer is: 42.", "42", ""),
    ("Thus, the total is $42", "42", ""),
    ("Answer: 42", "42", ""),
    # text
    ("Yes", "yes", ""),
    ("TRUE", "True", ""),
    ("north-west", "North-West", ""),
    (r"\text{Monday}", "Monday", ""),
    ("(B)", "B", "a choice letter"),
    ("A", "A", ""),
    ("New  York", "New York", ""),
    ("yes.", "Yes", ""),
    # closed forms are values
    (r"\sqrt{4}", "2", ""),
    ("2^3", "8", ""),
    # symbols, by normal form
    (r"\sqrt2", r"\sqrt{2}", ""),
    (r"2\pi", r"2 \pi", ""),
    ("2π", r"2\pi", ""),
    (r"\left(1, 2\right)", "(1,2)", ""),
    ("(1, 2)", "(1,2)", ""),
    ("x^2 + 1", "x^2+1", ""),
    (r"\dfrac{\sqrt3}{2}", r"\frac{\sqrt{3}}{2}", ""),
    (r"\infty", "∞", ""),
    ("1, 2, 3", "1,2,3", ""),
    ("[0, 1)", "[0,1)", ""),
]

DIFFERENT = [
    ("41", "42", ""),
    ("43", "42", ""),
    ("-42", "42", ""),
    ("420", "42", ""),
    ("4 2", "42", "a space inside is no number"),
    ("42 42", "42", ""),
    ("41.999", "42", "there is no tolerance"),
    ("42.0000001", "42", ""),
    ("0.3333", "1/3", "a rounded third is not a third"),
    ("3.14", r"\pi", ""),
    ("1000000000000000000000001", "1000000000000000000000000", "beyond double precision"),
    ("1e-20", "2e-20", "an absolute tolerance would call these equal"),
    ("0x2A", "42", ""),
    ("4_2", "42", "Python's own spelling is not mathematics"),
    ("--42", "42", ""),
    ("+-42", "42", ""),
    ("42!", "42", "a factorial"),
    ("42..", "42", ""),
    # hedges and negations
    ("3 or 5 or 7", "3", "a hedge"),
    ("3 or 5 or 7", "7", ""),
    ("3, 5", "3", "two values for one"),
    ("3 and 5", "5", ""),
    ("42 or 43", "42", ""),
    ("not 42", "42", ""),
    ("42 is wrong", "42", ""),
    ("about 42", "42", "an approximation"),
    ("≈ 42", "42", ""),
    ("42?", "42", ""),
    ("±42", "42", ""),
    ("41-43", "42", ""),
    ("1 2 3 4 5 6 7 8 9", "7", ""),
    # expressions are never evaluated, so restating the question pays nothing
    ("40+2", "42", ""),
    ("46 + 57 - 12", "91", "the question of a chain sum"),
    (r"6\times 7", "42", ""),
    ("6*7", "42", ""),
    ("84/2", "42", "restates a division"),
    (r"\frac{84}{2}", "42", ""),
    ("46 + 57 = 103", "103", "a step, not an answer"),
    ("6=5", "5", ""),
    ("5=5=5", "5", ""),
    ("x=5", "y=5", "another variable"),
    ("x=6", "5", ""),
    # words that change the number
    ("5 hundred", "5", ""),
    ("5 million", "5", ""),
    ("5 dozen", "5", ""),
    ("5 squared", "5", ""),
    ("5 halves", "5", ""),
    ("5 plus two", "5", ""),
    ("5 more than ten", "5", ""),
    ("5 or six", "5", ""),
    ("5x", "5", "algebra"),
    ("5i", "5", "imaginary"),
    ("5m", "5", "a letter that touches the number is algebra"),
    (r"5\pi", "5", ""),
    ("forty-two", "42", "number words are not read"),
    ("4the answer is 2", "42", "a phrase is dropped at the start only"),
    (r"4\,2", "42", "no group of three"),
    (r"4\text{}2", "42", ""),
    # thousands and lists
    ("1,23", "123", "no thousands group"),
    ("1, 234", "1234", "a list"),
    ("(1,234)", "1234", "a pair"),
    ("1.234", "1234", "a point is never a thousands mark"),
    ("1 234", "1234", "a plain space may part two answers"),
    ("12,34", "1234", ""),
    ("0,5", "0.5", "a decimal comma is not read"),
    # fractions
    ("1/3", "1/2", ""),
    ("2/1/2", "1", ""),
    ("1/0", "0", ""),
    (r"\frac{1}{0}", "1", ""),
    ("11/2", "1 1/2", "not the mixed number"),
    (r"\frac123", "1/2", "which LaTeX sets as (1/2)3"),
    # percent
    ("0.5%", "0.5", ""),
    ("1%", "1", "one hundredth"),
    ("5%", "50%", ""),
    ("0.5%", "50%", ""),
    ("50%", "5", ""),
    ("$50%", "50", ""),
    # units
    ("5 m", "5 cm", ""),
    ("500 cm", "5 m", "nothing is converted"),
    ("$5", "€5", ""),
    ("5 cents", "$5", ""),
    ("5 apples", "5 pears", ""),
    ("12 cm^3", "12 cm^2", ""),
    ("50%", "50 m", ""),
    # look-alikes
    ("٤٢", "42", "Arabic-Indic digits"),
    ("4²", "42", "a superscript"),
    ("l", "1", ""),
    ("O", "0", ""),
    # text
    ("Yes and no", "yes", ""),
    ("yess", "yes", ""),
    ("a", "A", "single letters keep their case: a variable is not a choice"),
    ("A, B", "A", ""),
    ("(1, 2)", "[1, 2]", "an interval's ends matter"),
    ("(2, 1)", "(1, 2)", "order matters"),
    ("x^2+1", "x^2-1", ""),
    (r"\Delta", r"\delta", ""),
    ("__import__('os').getcwd()", "42", "never evaluated"),
    ("None", "0", ""),
    ("nan", "0", ""),
    ("inf", "0", ""),
    ("42</answer", "42", ""),
]


def spelled(pairs: list[tuple[str, str, str]]) -> list[object]:
    return [
        pytest.param(a, g, id=f"{a} ~ {g}" + (f": {why}" if why else "")) for a, g, why in pairs
    ]


@pytest.mark.parametrize(("answer", "gold"), spelled(SAME))
def test_the_same(answer: str, gold: str) -> None:
    for text in (f"<answer>{answer}</answer>", rf"So it is \boxed{{{answer}}}."):
        judged = verify(text, gold)
        assert judged.verdict is C, judged


@pytest.mark.parametrize(("answer", "gold"), spelled(DIFFERENT))
def test_different(answer: str, gold: str) -> None:
    for text in (f"<answer>{answer}</answer>", rf"So it is \boxed{{{answer}}}."):
        judged = verify(text, gold)
        assert judged.verdict is W, judged
        assert judged.reason


THINK = "<think>\nsteps\n</think>\n"
COMPLETIONS = [
    ("<answer>42</answer>", C, "no thinking is needed to be right"),
    (THINK + "<answer>42</answer>", C, ""),
    (THINK + r"\boxed{42}", C, ""),
    (THINK + r"$$\boxed{42}$$ <answer>42</answer>", C, "box and tag agree"),
    (THINK + r"<answer>It is \boxed{42}, as shown.</answer>", C, "a box inside the tag"),
    (THINK + r"\boxed{42} and so \boxed{42}", C, "the same twice"),
    (THINK + r"\boxed{42} or, written out, \boxed{ 42 }", C, ""),
    (THINK + r"\boxed{\text{42}}", C, ""),
    (THINK + r"\boxed{x=42} <answer>42.0</answer>", C, "one value in two spellings"),
    (THINK + r"\boxed{x=41} <answer>42.0</answer>", W, ""),
    (r"<think>\boxed{41}?</think> \boxed{42}", C, "what was thought does not count"),
    (r"<think><answer>41</answer></think><answer>42</answer>", C, ""),
    (THINK + "<answer>42</answer><answer>42</answer>", C, "repeated, not hedged"),
    ("steps</think><answer>42</answer>", C, "the template opened the block"),
    (THINK + "<answer>\n42\n</answer>", C, ""),
    (THINK + r"first \boxed{41}, no: \boxed{42}", W, "two different boxes are a hedge"),
    (THINK + r"\boxed{42} \boxed{43} \boxed{44}", W, ""),
    (THINK + r"<answer>42</answer> but \boxed{43}", W, "tag and box differ"),
    (THINK + "<answer>41</answer><answer>42</answer>", W, "a hedge in two tags"),
    (THINK + "<answer>41</answer>", W, ""),
    (THINK + r"\boxed{41}", W, ""),
    (r"<think>41</think><answer>\boxed{41} \boxed{42}</answer>", W, ""),
    ("", U, ""),
    ("42", U, "a bare number is no final answer"),
    ("The answer is 42.", U, "nor is a sentence"),
    (THINK, U, ""),
    (THINK + "42", U, ""),
    ("<think>42</think>", U, "an answer in thinking only"),
    ("<think><answer>42</answer>", U, "thinking never closes"),
    (r"<think>\boxed{42}", U, ""),
    ("<think><answer>42</answer></think>", U, "the tag stands inside thinking"),
    (r"<think>\boxed{42}</think> done", U, ""),
    ("<answer>42", U, "the tag never closes"),
    ("42</answer>", U, ""),
    (r"\boxed{42", U, "the box never closes"),
    (r"\boxed{41} \boxed{42", U, "cut off in the second box"),
    (r"\boxed 42", U, ""),
    (r"\boxed{}", U, ""),
    ("<answer></answer>", U, ""),
    ("<answer> </answer>", U, ""),
    ("<answer>$$</answer>", W, "only delimiters"),
    ("<answer>42</answer><think>", U, "thinking opens again"),
    ("</think><think><answer>42</answer>", U, "reversed"),
    ("<think><think>42</think><answer>42</answer>", C, "nested, and closed once"),
    ("<ANSWER>42</ANSWER>", U, "tags are exact"),
    (r"\\boxed{42}", C, "doubled backslashes, which parse as single only"),
]


@pytest.mark.parametrize(("text", "verdict", "why"), COMPLETIONS)
def test_only_the_final_answer_counts(text: str, verdict: Verdict, why: str) -> None:
    judged = verify(text, "42")
    assert judged.verdict is verdict, (why, judged)


def test_boxes_are_one_answer_when_the_gold_has_several_values() -> None:
    assert verify(r"\boxed{3} and \boxed{5}", "3, 5").verdict is C
    assert verify(r"\boxed{3} and \boxed{5}", "5").verdict is W
    assert verify(r"\boxed{3} and \boxed{5}", "3, 7").verdict is W


@pytest.mark.parametrize(
    "gold",
    ["", "  ", "$ $", r"\boxed{}", "<answer>", "</think>", r"\boxed{3} \boxed{5}", "9" * 10_001],
)
def test_a_bad_gold_judges_nothing(gold: str) -> None:
    assert verify(f"<answer>{gold}</answer>", gold).verdict is B


HUGE = [
    "9^{9^9}",
    "9^{9^{9^{9^9}}}",
    "10^{10^9}!",
    "1e999999999",
    "1e-999999999",
    "10^{999999999999}",
    "9" * 5_000,
    "9" * 500_000,
    "1/" + "3" * 5_000,
    "0." + "1" * 200_000,
    "{" * 10_000 + "42" + "}" * 10_000,
    "(" * 10_000,
    r"\frac" * 2_000,
    r"\frac{" * 2_000,
    r"\boxed{" * 20_000,
    "".join(rf"\boxed{{{i}}}" for i in range(80_000)),
    "$" * 10_000,
    "1," * 4_000,
    "1,111" * 1_999,
    " " * 9_999 + "x",
    "a " * 4_900,
    "5 " + "a" * 9_000,
    "-" * 9_999,
    "\\" * 9_999,
    "=" * 9_999,
    "x=" * 4_000,
    "<answer>" * 20_000,
    "<think>" * 20_000,
    "\x00" * 500,
    "\ud800",
    "9" * 10_000_000,
]


@pytest.mark.parametrize("answer", HUGE, ids=lambda answer: f"{answer[:12]!r} x {len(answer)}")
def test_nothing_is_computed_that_is_huge(answer: str) -> None:
    for text in (f"<answer>{answer}</answer>", rf"\boxed{{{answer}}}", answer):
        assert verify(text, "42").verdict in (W, U)


@pytest.mark.parametrize("answer", ["1e999999999", "1e401", "9" * 1001, "10^{-999999}"])
def test_a_number_too_large_to_compute_is_named_as_such(answer: str) -> None:
    judged = compare(answer, "42")
    assert judged.verdict is U
    assert judged.reason.startswith("guard")


def test_the_reason_says_what_was_wrong() -> None:
    assert "another value" in compare("x(x+1)", "x^2-x").reason
    assert "calculation" in compare("3+4", "7").reason
    assert "unit" in compare("5 m", "5 cm").reason
    assert "division" in compare("84/2", "42").reason
