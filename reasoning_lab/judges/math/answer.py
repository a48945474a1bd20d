r"""Which part of a completion is its final answer.

After thinking has closed: the content of `<answer>…</answer>`, else of the last `\boxed{…}`, else,
only where the data says so, of a line `#### x` or a phrase "the answer is x". Nothing else counts:
not an answer inside the think block, not a box or tag that never closes, not several different
answers, from which the reader could pick the right one.
"""

import re
from dataclasses import dataclass

from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.text.grammar import Fault, boxed, parse

MAX_TEXT = 2**20  # characters; a completion of 100,000 tokens has about half as many
MAX_ANSWER = 10_000  # characters; longer answers are only compared letter by letter
MAX_BOXES = 64  # differently spelled boxes; with more, the completion lists rather than answers
_BOX = "\\boxed"
_DOUBLED_BOX = "\\\\boxed"
# What a box may hold without holding a value: a gap to fill in.
_GAP = re.compile(
    r"(?:\\(?:text[a-z]*|mathrm|underline) ?\{[ \\_?.]*\}|\\[hv]?phantom ?\{(?:[^{}]|\{[^{}]*\})*\}"
    r"|\\(?:[hv]space\*?|rule ?\{[^{}]*\}) ?\{[^{}]*\}|\\[,;:! _]|[\s{}_?$~□.…]"
    r"|\\(?:q?quad|square|Box|bigcirc|[lc]?dots)(?![A-Za-z]))*"
)
_FRAME = "\\fbox"  # some data sets box with it
_BARE_BOX = re.compile(r"\\boxed(?: {1,4}([0-9A-Za-z])|([0-9]))(?![0-9A-Za-z.,/^_{])")
_SIMPLE_BOX = re.compile(r"\\boxed\{((?:[^{}\\]|\\[A-Za-z]|\{[^{}\\]{0,100}\}){0,200})\}")
MARKS = {
    "hashes": re.compile(r"^####[ \t]*([^\n]{1,1000})$", re.MULTILINE),
    "phrase": re.compile(
        r"\b(?:the|my) (?:final )?answer is:?[ \t]*([^\n]{1,1000}?)[ \t]*(?:\.?$|\.[ \t])",
        re.MULTILINE | re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class Final:
    """A completion's final answer, or why there is none.

    `answers` holds the distinct answers in order: one, or none, or several boxes (a hedge, unless
    the gold itself has several values). `fault` is "" exactly when `answers` is not empty.
    `doubled`: the text was read with its doubled backslashes as single ones.
    """

    answers: tuple[str, ...]
    fault: str = ""
    doubled: bool = False


def final_answer(text: str, marks: tuple[str, ...] = ()) -> Final:
    r"""Find the final answer of a completion; `marks` names further places (`MARKS`).

    >>> final_answer("<think>41?</think> so \\boxed{42}").answers
    ('42',)
    >>> final_answer("<think>\\boxed{42}").fault
    'think block never closed'
    >>> final_answer("6 * 7 is 42\n#### 42", ("hashes",)).answers
    ('42',)
    """
    if len(text) > MAX_TEXT:
        return Final((), f"guard: the completion has more than {MAX_TEXT} characters")
    final = _final(text, marks)
    if not final.answers and _DOUBLED_BOX in text:
        read = _final(text.replace("\\\\", "\\"), marks)
        return Final(read.answers, doubled=True) if read.answers else final
    return final


def _final(text: str, marks: tuple[str, ...]) -> Final:
    closed = text.rfind("</think>")
    if text.find("<think>", closed + 1) >= 0:
        return Final((), Fault.THINK_UNCLOSED.value)
    after = text if closed < 0 else text[closed + 8 :]
    after = after.replace(_FRAME, _BOX) if _FRAME in after else after
    tagged, fault = _tagged(after)
    if fault:
        return Final((), fault)
    if _BOX in after:
        final = _with_boxes(tagged, after)
    else:
        final = Final((tagged,)) if tagged is not None else _marked(after, marks)
    first = text.find("</think>")
    if final.answers and first < closed and not _given_before(text[first + 8 : closed], final):
        return Final((), Fault.ANSWER_AMBIGUOUS.value)
    return final


def _given_before(text: str, final: Final) -> bool:
    """Whether what was answered before thinking went on agrees with the final answer.

    A completion that answers, invents a turn of the user and answers again has two answers.
    """
    wanted = {normalise(each) for each in final.answers if len(each) <= MAX_ANSWER}
    for part in text.split("</think>"):
        said = _braced(part.partition("<think>")[0].replace(_FRAME, _BOX))
        tagged = parse(said).answer
        found = [*boxed(said), *([tagged] if tagged and _BOX not in tagged else [])]
        if any(len(each) > MAX_ANSWER or normalise(each) not in wanted for each in found):
            return False
    return True


def _tagged(after: str) -> tuple[str | None, str]:
    """The answer in tags (None: no tags), or what is wrong with them."""
    start, end = after.find("<answer>"), after.find("</answer>")
    if start < 0 and end < 0:
        return None, ""
    inner = after[start + 8 : end].strip()
    once = after.rfind("<answer>") == start and after.rfind("</answer>") == end
    if 0 <= start < end and once and inner:
        return inner, ""
    parsed = parse(after)
    for fault in (Fault.ANSWER_UNCLOSED, Fault.ANSWER_EMPTY, Fault.ANSWER_AMBIGUOUS):
        if fault in parsed.faults:
            return None, fault.value
    return parsed.answer, ""


def _marked(after: str, marks: tuple[str, ...]) -> Final:
    """The answer at the further marks; several different ones are none."""
    found = [m[1].strip() for mark in marks for m in MARKS[mark].finditer(after) if m[1].strip()]
    distinct = {normalise(each): each for each in found if len(each) <= MAX_ANSWER}
    if len(distinct) == 1:
        return Final(tuple(distinct.values()))
    if distinct:
        return Final((), Fault.ANSWER_AMBIGUOUS.value)
    return Final((), "no <answer> and no \\boxed after thinking")


def _braced(text: str) -> str:
    r"""`\boxed 5` as `\boxed{5}`: without braces TeX boxes one sign, and more would be a guess."""
    return _BARE_BOX.sub(lambda match: f"\\boxed{{{match[1] or match[2]}}}", text)


def _with_boxes(tagged: str | None, after: str) -> Final:
    """The answer where there are boxes; a tagged answer and every box must agree."""
    start = after.find(_BOX)
    if after[start - 1 : start] != "\\":
        after = after[start:]  # what stands before the first box cannot close it
        simple = _SIMPLE_BOX.match(after)
        if simple and tagged is None and after.find(_BOX, 6) < 0 and not _GAP.fullmatch(simple[1]):
            return Final((simple[1].strip(),))
    after = _braced(after)
    boxes = boxed(after)
    if after.count(_BOX) != len(boxes) + sum(box.count(_BOX) for box in boxes):
        return Final((), "a \\boxed that never closes")
    found = dict.fromkeys(box.strip() for box in boxes if not _GAP.fullmatch(box))
    if not found and tagged is None:
        return Final((), "an empty \\boxed")
    if tagged is not None and _BOX not in tagged:
        found[tagged] = None
    if len(found) > MAX_BOXES:
        return Final((), Fault.ANSWER_AMBIGUOUS.value)
    if len(found) == 1:
        return Final(tuple(found))
    distinct = {normalise(each) if len(each) <= MAX_ANSWER else each: each for each in found}
    return Final(tuple(distinct.values()))
