"""The examples of MATH.md are what the verifier says, both ways for those that are the same."""

from pathlib import Path

import pytest

from reasoning_lab.judges.math.compare import compare
from reasoning_lab.text.example import Verdict

PAGE = (Path(__file__).parents[2] / "MATH.md").read_text(encoding="utf-8")
ACCEPTED = [
    ("42.0", "42"),
    ("042", "42"),
    ("+42", "42"),
    (r"\frac12", "1/2"),
    ("½", "1/2"),
    ("2/4", "1/2"),
    (r"\pi", "3.142"),
    ("3.14159", "3.142"),
    ("0.333333", "1/3"),
    ("1.41421", r"\sqrt2"),
    ("2^{10}", "1024"),
    (r"\sqrt{16}", "4"),
    ("5!", "120"),
    (r"\binom52", "10"),
    ("2^{10}-1", "1023"),
    (r"3\times10^5", "300000"),
    ("50%", "0.5"),
    ("50%", "50"),
    ("5 cm", "5"),
    ("18 dollars", "$18"),
    (r"90^\circ", "90"),
    ("1,234", "1234"),
    ("1{,}234", "1234"),
    (r"10\,000", "10000"),
    ("x(x+1)", "x^2+x"),
    (r"\ln4", r"2\ln2"),
    (r"\frac{x^2-1}{x-1}", "x+1"),
    (r"\ln x^2", r"2\ln x"),
    ("-2", r"\sqrt[3]{-8}"),
    ("2i", r"\sqrt{-4}"),
    ("x=5", "5"),
    ("5", "x=5"),
    ("2x+4y=6", "x+2y=3"),
    ("xy=1", "y=1/x"),
    (r"A=\frac12\cdot6\cdot4=12", "12"),
    ("3<x", "x>3"),
    ("2x>6", "x>3"),
    (r"(3,\infty)", "x>3"),
    ("x^2<4", "(-2,2)"),
    (r"[1,2]\cup[2,3]", "[1,3]"),
    ("(x,y)=(1,2)", "(1,2)"),
    ("x=1, y=2", "(1,2)"),
    (r"\{2,1,1\}", r"\{1,2\}"),
    ("1,2", r"\{1,2\}"),
    ("2, 1", "1,2"),
    ("1 and 2", "1,2"),
    ("x=1 or x=2", "1,2"),
    (r"\{1,2\}", "1,2"),
    (r"\pm2", "2,-2"),
    ("[[1,2],[3,4]]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"),
    ("no solution", r"\emptyset"),
    ("none", "no solution"),
    ("DNE", "undefined"),
    (r"+\infty", r"\infty"),
    ("(B)", "B"),
    ("B.", "B"),
    ("B. 12", "B"),
    ("Option B", "B"),
    ("5 March 2024", "2024-03-05"),
    ("3:30 p.m.", "15:30"),
    ("3 : 4", "3:4"),
    ("3 to 4", "3:4"),
    ("1010_2", "1010_{2}"),
    ("34*22-7", "22*34-7"),
    ("741", "22*34-7"),
]
REFUSED = [
    ("41.999", "42"),
    ("0.3333", "1/3"),
    ("3.14", "3.142"),
    ("22/7", "3.142"),
    ("0.33333", "1/3"),
    ("0.333334", "1/3"),
    ("3+4", "7"),
    ("84/2", "42"),
    ("46^1+57", "103"),
    ("x+5-x", "5"),
    ("1%", "1"),
    ("0.5%", "0.5"),
    ("5 m", "5 cm"),
    ("500 cm", "5 m"),
    (r"90^\circ", r"\pi/2"),
    ("1, 234", "1234"),
    ("(1,234)", "1234"),
    ("12,34", "1234"),
    (r"\sqrt{x^2}", "x"),
    ("X", "x"),
    ("y=5", "x=5"),
    ("x^2=25", "x=5"),
    (r"6\cdot2=12", "12"),
    (r"[3,\infty)", "x>3"),
    (r"(0,1)\cup(1,2)", "(0,2)"),
    ("[1,2]", "(1,2)"),
    (r"\{1,2\}", "(1,2)"),
    ("1,2", "(1,2)"),
    (r"\{\{1\},2\}", r"\{1,2\}"),
    ("1,1,2", "1,2"),
    ("3 or 5", "3"),
    ("yes", "true"),
    (r"-\infty", r"\infty"),
    ("about 42", "42"),
    ("b", "B"),
    ("B or C", "B"),
    ("3/5/2024", "5 March 2024"),
    ("6:8", "3:4"),
    ("10", "1010_2"),
]


@pytest.mark.parametrize(("answer", "gold"), ACCEPTED)
def test_accepted(answer: str, gold: str) -> None:
    assert compare(answer, gold).verdict is Verdict.CORRECT


@pytest.mark.parametrize(("answer", "gold"), REFUSED)
def test_refused(answer: str, gold: str) -> None:
    assert compare(answer, gold).verdict is Verdict.WRONG


def test_the_examples_stand_on_the_page() -> None:
    page = PAGE.replace(" ", "")
    missing = [one for one, _ in ACCEPTED + REFUSED if one.replace(" ", "") not in page]
    assert not missing
