r"""The question handed back with every number dressed up is an echo, whatever the dress."""

import pytest

from reasoning_lab.judges.math.verify import verify
from reasoning_lab.text.example import Verdict

QUESTION = "State the final answer: 6 + 9 - 5 + 2 - 2 - 0 ="
DRESSES = [
    *(r"N\sqrt{1}", r"Ne^0", r"N\cos 0", r"N+\ln 1", r"\sqrt{N}^2", r"\sqrt{N}\sqrt{N}"),
    *(r"N\sin 90^\circ", r"N\log_{10} 10", r"(N^2)^{\frac{1}{2}}", r"\frac{N^2}{N}", "N^{1}"),
]


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("zero", ["0", None])
def test_dressed_numbers_of_the_question_are_an_echo(dress: str, zero: str | None) -> None:
    dressed = [f"({dress.replace('N', n)})" for n in ("6", "9", "5", "2", "2")]
    answer = "{}+{}-{}+{}-{}".format(*dressed) + (f"-{zero}" if zero else "")
    text = f"<think>so</think><answer>{answer}</answer>"
    assert verify(text, "10", question=QUESTION).verdict is not Verdict.CORRECT


@pytest.mark.parametrize(
    ("answer", "gold", "question"),
    [
        ("2^{10}", "1024", "Compute the number of subsets of a set of 10 elements."),
        (r"3\times 10^5", "300000", "A train of 3 cars carries 100000 kg in each. How much?"),
        ("10.0", "10", QUESTION),
        (r"\frac{3}{4}", "3/4", "Of 4 balls 3 are red, 1 is blue. How likely is red?"),
    ],
)
def test_closed_forms_and_numbers_still_count(answer: str, gold: str, question: str) -> None:
    text = f"<think>so</think><answer>{answer}</answer>"
    assert verify(text, gold, question=question).verdict is Verdict.CORRECT
