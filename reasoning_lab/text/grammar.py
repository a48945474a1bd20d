r"""The think/answer grammar: what a completion thought and what it answered.

    completion = [ "<think>" thinking "</think>" ] prose "<answer>" answer "</answer>" prose

The format of DeepSeek-R1-Zero (arXiv:2501.12948, table 1), with the think block optional. The one
rule that matters: **an answer counts only after thinking has closed**, so nothing said while
thinking can be paid. Tags are exact and do not nest. Every function is linear in the length of
the text, whatever the text.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_TAG = re.compile(r"</?(?:think|answer)>")
_Tag = tuple[str, int, int]
"""As it is written, and where it begins and ends."""
_TEX = re.compile(r"\\boxed\s{0,8}\{|\\.|[{}]", re.DOTALL)


class Fault(StrEnum):
    """One way in which a completion departs from the grammar."""

    THINK_UNCLOSED = "think block never closed"
    THINK_UNOPENED = "think block closed but never opened"
    THINK_REPEATED = "more than one think tag of a kind"
    TEXT_BEFORE_THINK = "text before the think block"
    ANSWER_BEFORE_THINK = "answer tag before the think block"
    ANSWER_IN_THINK = "answer tag inside the think block"
    ANSWER_MISSING = "no answer block after thinking"
    ANSWER_UNCLOSED = "answer tags do not pair up"
    ANSWER_EMPTY = "empty answer block"
    ANSWER_REPEATED = "the same answer in several blocks"
    ANSWER_AMBIGUOUS = "several different answers"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A completion taken apart.

    `thinking`: the think block, stripped; None if there is none that was opened and closed.
    `answer`: the content of the one answer block after thinking, stripped; None if there is none,
    if it is empty, or if several blocks differ (a hedge is no answer).
    `after`: all text after thinking closed (the whole text if it never thought, "" if thinking
    never closed): the only place where any answer, tagged or boxed, may be looked for.
    """

    thinking: str | None
    answer: str | None
    after: str
    faults: tuple[Fault, ...]

    @property
    def well_formed(self) -> bool:
        """Whether the text follows the grammar to the letter."""
        return not self.faults


# Several terms, the verifier and the metrics ask for the same completion one after the other.
@lru_cache(maxsize=64)
def parse(text: str) -> Parsed:
    """Take a completion apart.

    >>> parse("<think>1 + 1 = 2</think> <answer>2</answer>").answer
    '2'
    >>> parse("<think>so <answer>2</answer>").answer is None
    True
    """
    tags = [(match.group(), match.start(), match.end()) for match in _TAG.finditer(text)]
    opens: list[_Tag] = []
    closes: list[_Tag] = []
    answers: list[_Tag] = []
    for tag in tags:
        (opens if tag[0] == "<think>" else closes if tag[0] == "</think>" else answers).append(tag)
    if not (opens or closes):
        answer, faults = _answer(text, answers)
        return Parsed(None, answer, text, tuple(faults))
    closed = bool(closes) and not (opens and opens[-1][1] > closes[-1][1])
    begin = opens[0][2] if opens else None
    end, after = (closes[-1][1], closes[-1][2]) if closed else (len(text), len(text))
    thinking = text[begin:end].strip() if closed and begin is not None and begin <= end else None
    answer, faults = _answer(text, [tag for tag in answers if tag[1] >= after])
    return Parsed(
        thinking,
        answer,
        text[after:],
        (*_think_faults(text, opens, closes, answers), *faults),
    )


def thinks(text: str) -> bool:
    """Whether a closed think block with something in it stands before whatever is answered."""
    parsed = parse(text)
    answers_after = Fault.ANSWER_BEFORE_THINK not in parsed.faults and parsed.after.strip()
    return bool(parsed.thinking and answers_after)


def render(trace: str | None, answer: str) -> str:
    r"""Write a completion in the grammar: with the steps of `trace`, or the bare answer.

    >>> render("1 + 1 = 2", "2")
    '<think>\n1 + 1 = 2\n</think>\n<answer>2</answer>'
    """
    block = f"<answer>{answer}</answer>"
    return block if trace is None else f"<think>\n{trace}\n</think>\n{block}"


def boxed(text: str) -> list[str]:
    r"""Contents of the outermost closed `\boxed{…}`, in order; braces balance, `\{` is no brace.

    >>> boxed(r"so \boxed{\frac{1}{2}} or \boxed{3")
    ['\\frac{1}{2}']
    """
    stack: list[tuple[bool, int]] = []  # (is it a box, where its content starts)
    spans: list[tuple[int, int]] = []
    for match in _TEX.finditer(text):
        token = match.group()
        if token == "}":
            is_box, start = stack.pop() if stack else (False, 0)
            if is_box:
                spans.append((start, match.start()))
        elif token.endswith("{") and token != "\\{":
            stack.append((token != "{", match.end()))
    outermost: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not outermost or start > outermost[-1][1]:
            outermost.append((start, end))
    return [text[start:end] for start, end in outermost]


def _think_faults(
    text: str, opens: list[_Tag], closes: list[_Tag], answers: list[_Tag]
) -> list[Fault]:
    """What is wrong with the think tags, and with anything before or inside them."""
    first = min(tags[0][1] for tags in (opens, closes) if tags)
    unclosed = not closes or (bool(opens) and opens[-1][1] > closes[-1][1])
    last = len(text) if unclosed else closes[-1][1]
    unopened = not opens or (bool(closes) and closes[0][1] < opens[0][1])
    found = (  # no dict: to hash such members takes longer than all the rest
        (unclosed, Fault.THINK_UNCLOSED),
        (unopened, Fault.THINK_UNOPENED),
        (len(opens) > 1 or len(closes) > 1, Fault.THINK_REPEATED),
        (not unopened and bool(text[:first].strip()), Fault.TEXT_BEFORE_THINK),
        (bool(answers) and answers[0][1] < first, Fault.ANSWER_BEFORE_THINK),
        (any(first < start < last for _, start, _ in answers), Fault.ANSWER_IN_THINK),
    )
    return [fault for present, fault in found if present]


def _answer(text: str, tags: list[_Tag]) -> tuple[str | None, list[Fault]]:
    """The answer within the answer tags after thinking, and what is wrong with these."""
    blocks: list[str] = []
    opened: int | None = None
    unpaired = False
    for name, start, end in tags:
        if name == "<answer>":
            unpaired = unpaired or opened is not None
            opened = end
        else:
            unpaired = unpaired or opened is None
            if opened is not None:
                blocks.append(text[opened:start].strip())
            opened = None
    faults = [Fault.ANSWER_UNCLOSED] if unpaired or opened is not None else []
    if not blocks:
        return None, faults or [Fault.ANSWER_MISSING]
    if len(set(blocks)) > 1:
        return None, [*faults, Fault.ANSWER_AMBIGUOUS]
    if len(blocks) > 1:
        faults.append(Fault.ANSWER_REPEATED)
    if not blocks[0]:
        return None, [*faults, Fault.ANSWER_EMPTY]
    return blocks[0], faults
