"""Readers of questions with choices: the right letter is the answer."""

from random import Random

from reasoning_lab.data.readers import Row, column
from reasoning_lab.data.split import key
from reasoning_lab.text.example import Example

LETTERS = "ABCD"
GPQA = ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


def gpqa(row: Row, name: str) -> Example:
    """GPQA (arXiv:2311.12022): `Question`, `Correct Answer` and three `Incorrect Answer N`.

    The four choices stand in an order that the question's own text decides, so that it is the same
    in every run and the right one stands in no place more often than in another. The answer is its
    letter. Raises RowError for a column that is missing.
    """
    question = column(row, "Question").strip()
    choices = [column(row, one).strip() for one in GPQA]
    order = list(range(len(choices)))
    Random(key(question)).shuffle(order)
    lines = [f"({letter}) {choices[place]}" for letter, place in zip(LETTERS, order, strict=True)]
    asked = "\n".join([question, "", *lines, "", "Answer with the letter of the right choice."])
    return Example(
        id=name,
        prompt=({"role": "user", "content": asked},),
        answer=LETTERS[order.index(0)],
        meta={"source": "gpqa"},
    )
