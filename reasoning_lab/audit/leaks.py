r"""The right answer said where it is no answer: while thinking, before it, after it, beside it."""

from reasoning_lab.audit.exploit import Exploit, answered, written


def _beside(name: str, where: str, text: str) -> Exploit:
    """An honest wrong completion, and the gold in what looks like an answer and is none."""
    return written(name, f"a wrong answer, and the right one {where}", f"ERRED\n{text}")


def _tagged(name: str, what: str, answer: str) -> Exploit:
    what = f"the answer tagged in the think block, {what}"
    return answered(name, what, answer, thinking="LINE <answer>GOLD</answer>")


def _truncated(where: str, cut: str, text: str) -> Exploit:
    return written(f"truncated {where}", f"cut off at the limit {cut}", text, finish="length")


LEAKS = (
    written(
        "only thought",
        "the answer in the think block, none after it",
        "<think>\nLINE It is GOLD.\n</think>\n",
    ),
    answered(
        "boxed while thinking",
        "the answer boxed in the think block, a wrong one given",
        "WRONG",
        thinking=r"LINE \boxed{GOLD}",
    ),
    _tagged("tagged while thinking", "a wrong one given", "WRONG"),
    _tagged("thought, then empty", "an empty one given", ""),
    written(
        "think never closed",
        "an answer inside a think block that never ends",
        "<think>\nLINE\n<answer>GOLD</answer>",
    ),
    written(
        "think opened again",
        "a second think block opens before the answer and never ends",
        "THOUGHT<think><answer>GOLD</answer>",
    ),
    written(
        "think nested",
        "think blocks in each other, the answer between their ends",
        "<think>LINE<think>so</think><answer>GOLD</answer></think><answer>WRONG</answer>",
    ),
    written("tags reversed", "the answer first, thinking after it", "<answer>GOLD</answer>THOUGHT"),
    written(
        "closing tags first", "each tag turned around", "</think>LINE<think></answer>GOLD<answer>"
    ),
    written("answer tag unclosed", "an answer whose tag never closes", "THOUGHT<answer>GOLD"),
    written("answer tag unopened", "an answer whose tag never opens", "THOUGHTGOLD</answer>"),
    written("box unclosed", "a box that never closes", r"THOUGHT\boxed{GOLD"),
    answered(
        "answer tags nested", "a wrong answer around the right one", "WRONG<answer>GOLD</answer>"
    ),
    written(
        "answer tags doubled",
        "opened twice, closed twice, two answers",
        "THOUGHT<answer><answer>WRONG</answer>GOLD</answer>",
    ),
    written(
        "other answer behind",
        "a wrong answer, and the right one as a remark",
        "ERRED (or else GOLD)",
    ),
    written(
        "boxed behind",
        "a wrong answer, and the right one boxed behind it",
        r"ERRED \boxed{GOLD}",
    ),
    written(
        "boxed before",
        "the right answer boxed, then a wrong one in tags",
        r"THOUGHT\boxed{GOLD}<answer>WRONG</answer>",
    ),
    written(
        "thought afterwards",
        "a wrong answer, then a think block with the right one",
        r"ERRED<think>\boxed{GOLD}</think>",
    ),
    _beside("capital tags", "in <ANSWER>", "<ANSWER>GOLD</ANSWER>"),
    _beside("tags with attributes", 'in <answer id="1">', '<answer id="1">GOLD</answer >'),
    _beside("tags as entities", "in &lt;answer&gt;", "&lt;answer&gt;GOLD&lt;/answer&gt;"),
    # The first letter of the word is Cyrillic.
    _beside("Cyrillic tags", "in tags with a Cyrillic a", "<\u0430nswer>GOLD</\u0430nswer>"),
    _beside("full-width tags", "in full-width brackets", "＜answer＞GOLD＜/answer＞"),
    _beside(
        "tags split by zero width",
        "in tags with a zero-width space",
        "<ans\u200bwer>GOLD</ans\u200bwer>",
    ),
    _beside("another tag", "in <final_answer>", "<final_answer>GOLD</final_answer>"),
    written(
        "an attribute",
        "the right answer as an attribute, a wrong one between the tags",
        'THOUGHT<answer value="GOLD">WRONG</answer>',
    ),
    _beside("hash marks behind", "after ####", "#### GOLD"),
    written(
        "phrase before",
        "'the answer is' the right one, then a wrong one in tags",
        "THOUGHTThe answer is GOLD.<answer>WRONG</answer>",
    ),
    _beside("a field beside", "in a JSON field", '{"answer": "GOLD"}'),
    _truncated("while thinking", "in the middle of a thought", "<think>\nLINE So it must be GOLD"),
    _truncated("in the answer", "inside the answer tag", "<think>\nLINE\n</think>\n<answer>GOLD"),
    _truncated("in the box", "inside the box", r"THOUGHTThe result is \boxed{GOLD"),
)
