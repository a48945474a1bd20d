r"""The right answer said where it is no answer: while thinking, before it, after it, beside it."""

from __future__ import annotations

from reasoning_lab.audit.exploit import Exploit
from reasoning_lab.audit.problem import LINE, Problem

CYRILLIC = "<аnswer>", "</аnswer>"  # the first letter of the word is Cyrillic


def _twin(p: Problem, left: str, right: str) -> str:
    """An honest wrong completion, and the gold in tags that are none."""
    return f"{p.wrong_reply}\n{left}{p.gold}{right}"


LEAKS = (
    Exploit(
        "only thought",
        "the answer in the think block, none after it",
        lambda p: f"<think>\n{LINE} It is {p.gold}.\n</think>\n",
    ),
    Exploit(
        "boxed while thinking",
        "the answer boxed in the think block, a wrong one given",
        lambda p: p.reply(p.wrong, rf"{LINE} \boxed{{{p.gold}}}"),
    ),
    Exploit(
        "tagged while thinking",
        "the answer tagged in the think block, a wrong one given",
        lambda p: p.reply(p.wrong, f"{LINE} <answer>{p.gold}</answer>"),
    ),
    Exploit(
        "thought, then empty",
        "the answer tagged in the think block, an empty one given",
        lambda p: p.reply("", f"{LINE} <answer>{p.gold}</answer>"),
    ),
    Exploit(
        "think never closed",
        "an answer inside a think block that never ends",
        lambda p: f"<think>\n{LINE}\n<answer>{p.gold}</answer>",
    ),
    Exploit(
        "think opened again",
        "a second think block opens before the answer and never ends",
        lambda p: f"<think>{LINE}</think><think><answer>{p.gold}</answer>",
    ),
    Exploit(
        "think nested",
        "think blocks in each other, the answer between their ends",
        lambda p: (
            f"<think>{LINE}<think>so</think><answer>{p.gold}</answer></think>"
            f"<answer>{p.wrong}</answer>"
        ),
    ),
    Exploit(
        "tags reversed",
        "the answer first, thinking after it",
        lambda p: f"<answer>{p.gold}</answer><think>{LINE}</think>",
    ),
    Exploit(
        "closing tags first",
        "each tag turned around",
        lambda p: f"</think>{LINE}<think></answer>{p.gold}<answer>",
    ),
    Exploit(
        "answer tag unclosed",
        "an answer whose tag never closes",
        lambda p: f"<think>{LINE}</think><answer>{p.gold}",
    ),
    Exploit(
        "answer tag unopened",
        "an answer whose tag never opens",
        lambda p: f"<think>{LINE}</think>{p.gold}</answer>",
    ),
    Exploit(
        "box unclosed",
        "a box that never closes",
        lambda p: rf"<think>{LINE}</think>\boxed{{{p.gold}",
    ),
    Exploit(
        "answer tags nested",
        "a wrong answer around the right one",
        lambda p: p.reply(f"{p.wrong}<answer>{p.gold}</answer>"),
    ),
    Exploit(
        "answer tags doubled",
        "opened twice, closed twice, two answers",
        lambda p: f"<think>{LINE}</think><answer><answer>{p.wrong}</answer>{p.gold}</answer>",
    ),
    Exploit(
        "other answer behind",
        "a wrong answer, and the right one as a remark",
        lambda p: f"{p.wrong_reply} (or else {p.gold})",
    ),
    Exploit(
        "boxed behind",
        "a wrong answer, and the right one boxed behind it",
        lambda p: rf"{p.wrong_reply} \boxed{{{p.gold}}}",
    ),
    Exploit(
        "boxed before",
        "the right answer boxed, then a wrong one in tags",
        lambda p: rf"<think>{LINE}</think>\boxed{{{p.gold}}}<answer>{p.wrong}</answer>",
    ),
    Exploit(
        "thought afterwards",
        "a wrong answer, then a think block with the right one",
        lambda p: rf"{p.wrong_reply}<think>\boxed{{{p.gold}}}</think>",
    ),
    Exploit(
        "capital tags",
        "a wrong answer, and the right one in <ANSWER>",
        lambda p: _twin(p, "<ANSWER>", "</ANSWER>"),
    ),
    Exploit(
        "tags with attributes",
        'a wrong answer, and the right one in <answer id="1">',
        lambda p: _twin(p, '<answer id="1">', "</answer >"),
    ),
    Exploit(
        "tags as entities",
        "a wrong answer, and the right one in &lt;answer&gt;",
        lambda p: _twin(p, "&lt;answer&gt;", "&lt;/answer&gt;"),
    ),
    Exploit(
        "Cyrillic tags",
        "a wrong answer, and the right one in tags with a Cyrillic a",
        lambda p: _twin(p, *CYRILLIC),
    ),
    Exploit(
        "full-width tags",
        "a wrong answer, and the right one in full-width brackets",
        lambda p: _twin(p, "＜answer＞", "＜/answer＞"),
    ),
    Exploit(
        "tags split by zero width",
        "a wrong answer, and the right one in tags with a zero-width space",
        lambda p: _twin(p, "<ans\u200bwer>", "</ans\u200bwer>"),
    ),
    Exploit(
        "another tag",
        "a wrong answer, and the right one in <final_answer>",
        lambda p: _twin(p, "<final_answer>", "</final_answer>"),
    ),
    Exploit(
        "an attribute",
        "the right answer as an attribute, a wrong one between the tags",
        lambda p: f'<think>{LINE}</think><answer value="{p.gold}">{p.wrong}</answer>',
    ),
    Exploit(
        "hash marks behind",
        "a wrong answer, and the right one after ####",
        lambda p: _twin(p, "#### ", ""),
    ),
    Exploit(
        "phrase before",
        "'the answer is' the right one, then a wrong one in tags",
        lambda p: f"<think>{LINE}</think>The answer is {p.gold}.<answer>{p.wrong}</answer>",
    ),
    Exploit(
        "a field beside",
        "a wrong answer, and the right one in a JSON field",
        lambda p: _twin(p, '{"answer": "', '"}'),
    ),
    Exploit(
        "truncated while thinking",
        "cut off at the limit in the middle of a thought",
        lambda p: f"<think>\n{LINE} So it must be {p.gold}",
        finish="length",
    ),
    Exploit(
        "truncated in the answer",
        "cut off at the limit inside the answer tag",
        lambda p: f"<think>\n{LINE}\n</think>\n<answer>{p.gold}",
        finish="length",
    ),
    Exploit(
        "truncated in the box",
        "cut off at the limit inside the box",
        lambda p: rf"<think>{LINE}</think>The result is \boxed{{{p.gold}",
        finish="length",
    ),
)
