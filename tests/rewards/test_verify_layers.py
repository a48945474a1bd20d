r"""The verifier's own layers, a table each: what is right, what is wrong, and what it costs."""

import pytest

from reasoning_lab.judges.math.compare import Question, compare_quickly
from reasoning_lab.judges.math.expression import equal
from reasoning_lab.judges.math.expression_parse import read
from reasoning_lab.judges.math.expression_tokens import TooBigError
from reasoning_lab.judges.math.gold import parse_gold
from reasoning_lab.judges.math.restated import echoes, restates, stands_in
from reasoning_lab.judges.math.shape import shape
from reasoning_lab.text.example import Verdict

EXPRESSIONS = [
    ("x(x+1)", "x^2+x", True),
    (r"\sqrt{8}", r"2\sqrt{2}", True),
    (r"\sqrt{x^{2}}", "|x|", True),
    (r"\sqrt{x^{2}}", "x", False),  # differs for negative x
    (r"\ln(x^2)", r"2\ln x", True),  # wherever both are defined
    (r"\frac{x^2-1}{x-1}", "x+1", True),
    (r"\sqrt[3]{-8}", "-2", True),  # the real root
    (r"\sqrt{-4}", "2i", True),
    (r"e^{i\pi}", "-1", True),
    ("(-1)^n", r"\cos(\pi n)", True),  # at whole numbers, where alone both are real
    ("n!", "n(n-1)!", True),
    (r"\binom{n}{2}", r"\frac{n(n-1)}{2}", True),
    (r"\log100", "2", True),  # \log is decimal or natural …
    (r"\log e", "1", True),
    (r"\ln4", r"2\ln2", True),
    (r"\sin30°", r"\frac{1}{2}", True),  # degrees inside of a function
    (r"1\frac{1}{2}", r"\frac{3}{2}", True),
    (r"0.1\overline{6}", r"\frac{1}{6}", True),
    ("x^{100}-1", "x^{100}+x^{50}-x^{50}-1", True),
    ("2^{100}", "2^{100}+1", False),
    (r"\sqrt{2}+\sqrt{3}", r"\sqrt{5+2\sqrt{6}}", True),
    (r"\sqrt{2}+\sqrt{3}", "3.14626436994197234232913506571", False),
    ("x", "X", False),
    ("a-b", "b-a", False),
    ("1/0", "1", False),
]


@pytest.mark.parametrize(("left", "right", "same"), EXPRESSIONS)
def test_expressions(left: str, right: str, same: bool) -> None:
    one, other = read(left), read(right)
    assert not isinstance(one, str), one
    assert not isinstance(other, str), other
    assert equal(one, other) is same
    assert equal(other, one) is same


@pytest.mark.parametrize(
    "text",
    [
        "about 42",
        "4 2",
        "2+",
        "f(x",
        "x'",
        "__import__('os')",
        "42!!",
        "1010_2",
        r"\foo{2}",
        "3or5",
        "--2",
        "2^",
        ")(",
        r"\frac{1}",
        "",
        "🙂",
        "x2",
    ],
)
def test_what_is_no_expression(text: str) -> None:
    assert isinstance(read(text), str)


@pytest.mark.parametrize(
    "text",
    [
        "9^{9^{9^{9}}}",
        "2^{100000}",
        "1001!",
        r"e^{e^{e^{e^{e}}}}",
        r"\sinh(10^{9})",
        r"\binom{5000}{2500}",
        "10^{10^{9}}!",
    ],
)
def test_what_is_too_large_is_never_computed(text: str) -> None:
    tree = read(text)
    assert not isinstance(tree, str)
    with pytest.raises(TooBigError):
        equal(tree, ("n", 1))


@pytest.mark.parametrize("text", ["(" * 50 + "x" + ")" * 50, "1" * 301, "x+" * 1001, "x " * 700])
def test_what_is_too_long_is_never_read(text: str) -> None:
    assert str(read(text)).startswith("guard")


RESTATED = [
    ("40+2", True),
    (r"6\cdot7", True),
    (r"\frac{84}{2}", True),
    ("46^{1}-4", True),
    (r"\sqrt{40^{2}}+2", True),
    ("|40|+2", True),
    ("42+x-x", True),
    (r"2^{3}+2^{5}+2", False),
    (r"\sqrt{1764}", False),
    ("-(-42)", False),
    (r"\frac{1}{2}", False),
    (r"4.2\times10^{1}", False),
]


@pytest.mark.parametrize(("text", "standing"), RESTATED)
def test_a_calculation_left_standing(text: str, standing: bool) -> None:
    tree = read(text)
    assert not isinstance(tree, str)
    assert restates(tree, ("n", 42), text, "42") is standing


def test_a_long_number_may_be_answered_by_a_shorter_form() -> None:
    assert compare_quickly("2^{100}-1", str(2**100 - 1)).verdict is Verdict.CORRECT  # type: ignore[union-attr]


SHAPES = [
    ("42", "scalar"),
    ("1, 2", "list"),
    ("1 or 2", "list"),
    ("2 and-3", "list"),
    (r"\{1, 2\}", "set"),
    (r"\{x|x>3\}", "builder"),
    ("(1, 2)", "tuple"),
    ("[1, 2]", "bracket"),
    ("(1, 2]", "half"),
    (r"\langle1, 2\rangle", "vector"),
    (r"(1, 2)\cup(3, 4)", "union"),
    (r"\mathbb{R}\setminus\{0\}", "minus"),
    (r"\mathbb{R}", "reals"),
    ("x=5", "relation"),
    (r"-1<x\le2", "relation"),
    (r"2\pm\sqrt{3}", "list"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "matrix"),
    ("[[1, 2], [3, 4]]", "matrix"),
    (r"\begin{vmatrix}1&2\\3&4\end{vmatrix}", "scalar"),
    ("(x+1)", "scalar"),
    ("(x+1)(x-1)", "scalar"),
    ("(" * 3000, "scalar"),
]


@pytest.mark.parametrize(("form", "kind"), SHAPES)
def test_shapes(form: str, kind: str) -> None:
    assert shape(form).kind == kind


ECHOES = [
    ("(x+1)^2", "Expand $(x + 1)^2$.", True),
    (r"\dfrac{x^2-1}{x-1}", r"Simplify \(\frac{x^2 - 1}{x-1}\)", True),
    ("x+1", "Divide $2x+12$ by 3.", False),  # part of a longer one
    ("42", "Is it 42?", False),  # a number is a value
    ("x+1", "", False),
]


@pytest.mark.parametrize(("answer", "question", "echo"), ECHOES)
def test_echoes(answer: str, question: str, echo: bool) -> None:
    assert echoes(answer, "1+x", question) is echo


def test_a_puzzle_s_target_is_in_its_question() -> None:
    assert stands_in("812", "Make 812 from 22, 34 and 7.")
    assert stands_in("812.0", "Make 812 from 22, 34 and 7.")
    assert not stands_in("12", "Make 812 from 22, 34 and 7.")


@pytest.mark.parametrize(
    ("gold", "problem"),
    [
        ("", "empty"),
        ("$ $", "empty"),
        (r"\frac{1}{2", "braces"),
        (r"\boxed{3", "braces"),
        ("3}", "braces"),
        (r"\boxed{3}\boxed{4}", "boxes"),
        (r"\frac{1}{0}", "zero"),
        ("1/0", "zero"),
        ("<answer>", "tags"),
        ("x" * 10_001, "characters"),
        ("1/05", ""),
        (r"\frac{1}{0.5}", ""),
        (r"\{1,2\}", ""),
        (r"[0,\infty)", ""),
    ],
)
def test_bad_golds(gold: str, problem: str) -> None:
    found = parse_gold(gold).problem
    assert problem in found
    assert bool(found) is bool(problem)


def test_only_formulas_are_left_to_math_verify() -> None:
    for answer in ("about 42", "42?", "3 or 5", r"\sum_{k=1}^{5}k", "not 42", r"\text{six} 42"):
        assert not isinstance(compare_quickly(answer, "42"), Question), answer
        assert not isinstance(compare_quickly(answer, "x^2"), Question), answer
    assert isinstance(compare_quickly(r"\Gamma_1\star x", r"x\star\Gamma_1"), Question)
