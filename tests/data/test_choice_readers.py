"""Questions with choices: an order that repeats and is fair, and the letter of the right one."""

from collections import Counter

import pytest

from reasoning_lab.data.choice_readers import GPQA, LETTERS, gpqa
from reasoning_lab.data.readers import RowError
from reasoning_lab.judges.math.verify import verify
from reasoning_lab.text.example import Verdict


def row(question: str) -> dict[str, str]:
    wrong = {name: f"wrong {n}" for n, name in enumerate(GPQA)}
    return {**wrong, "Question": question, "Correct Answer": "right"}


def test_the_answer_is_the_letter_of_the_right_choice() -> None:
    example = gpqa(row("Which?"), "gpqa-0")
    (turn,) = example.prompt
    assert f"({example.answer}) right" in turn["content"].split("\n")
    assert all(f"({letter}) " in turn["content"] for letter in LETTERS)
    assert gpqa(row("Which?"), "gpqa-0") == example
    said = verify(f"\\boxed{{{example.answer}}}", example.answer, question=turn["content"])
    assert said.verdict is Verdict.CORRECT
    other = next(letter for letter in LETTERS if letter != example.answer)
    assert verify(f"\\boxed{{{other}}}", example.answer).verdict is Verdict.WRONG


def test_no_place_is_preferred() -> None:
    counts = Counter(gpqa(row(f"question {n}?"), "a").answer for n in range(2000))
    assert counts.keys() == set(LETTERS)
    assert all(400 < count < 600 for count in counts.values())


@pytest.mark.parametrize("name", ["Question", *GPQA])
def test_a_row_without_a_choice_is_refused(name: str) -> None:
    with pytest.raises(RowError):
        gpqa({key: value for key, value in row("Which?").items() if key != name}, "a")
