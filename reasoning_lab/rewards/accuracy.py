"""Accuracy: 1 for a right final answer, else 0."""

from reasoning_lab.judges.math.answer import MARKS
from reasoning_lab.judges.math.doubled import READ_AS_SINGLE
from reasoning_lab.judges.math.verify import Item, Judged, parse_gold, verify_batch
from reasoning_lab.rewards.term import Judgement, Rows, per_batch, row_check, row_note, yes_no
from reasoning_lab.text.example import Completion, Example, Verdict

_OTHERS = frozenset(("code", "chat"))  # tasks whose answers are not a text to compare


def _item(completion: Completion, example: Example) -> Item:
    asked = [turn["content"] for turn in example.prompt if turn["role"] == "user"]
    return Item(completion.text, example.answer, _marks(example), asked[-1] if asked else "")


def _marks(example: Example) -> tuple[str, ...]:
    """Further places of an answer, where the row's source allows them: meta `answer_marks`."""
    stated = example.meta.get("answer_marks", ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _row(example: Example) -> str:
    if example.task in _OTHERS:
        return ""
    if unknown := [mark for mark in _marks(example) if mark not in MARKS]:
        return f"meta.answer_marks names {unknown[0]!r}, known are {', '.join(MARKS)}"
    return parse_gold(example.answer).problem


def _note(example: Example) -> str:
    doubled = example.task not in _OTHERS and parse_gold(example.answer).doubled
    return f"the gold answer has {READ_AS_SINGLE}" if doubled else ""


@yes_no()
@per_batch
@row_check(_row)
@row_note(_note)
def accuracy(rows: Rows) -> list[Judgement | None]:
    """1.0 if the verifier says `correct`, 0.0 for `wrong`, `unparsable` and `timeout`.

    None for tasks without a text answer (`code`, `chat`) and for a bad gold, which `Composer.check`
    refuses when the data is loaded. A row may allow answers as `#### x` or "the answer is x" by
    meta `answer_marks: [hashes, phrase]`. An expression that stands in the row's question is an
    echo and wrong. Slow pairs of a batch run side by side. Range {0, 1}. Source: the accuracy
    reward of DeepSeek-R1 (arXiv:2501.12948, section 2.2.2).
    """
    asked = [example.task not in _OTHERS for _, example in rows]
    items = [_item(*row) for row, mine in zip(rows, asked, strict=True) if mine]
    judged = iter(verify_batch(items))
    return [_paid(next(judged)) if mine else None for mine in asked]


def _paid(judged: Judged) -> Judgement:
    bad = judged.verdict is Verdict.BAD_GOLD
    value = None if bad else float(judged.verdict is Verdict.CORRECT)
    reason = f"{judged.reason}; {READ_AS_SINGLE}" if judged.doubled else judged.reason
    return Judgement(value, judged.verdict, reason)
