"""Code format: does the answer hold a block of Python that can be read?"""

from __future__ import annotations

import ast
import re
import warnings

from reasoning_lab.rewards.term import yes_no
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.grammar import parse

# A line that begins with a fence, its first word and what follows. It never looks beyond its line
# nor at a character twice: a completion must not choose how long it is parsed.
_FENCE = re.compile(r"^[ \t]{0,3}```[ \t]*(\w*)(.*)$", re.M)
_OPENING = re.compile(r"<answer>[ \t]*```")
_CLOSING = re.compile(r"```[ \t]*</answer>")
MOST = 20_000
LONGEST = 200_000
"""Characters of a program, whoever asks for it; a longer one is none."""

_PYTHON = frozenset(("python", "py", "python3"))


@yes_no()
def code_format(completion: Completion, example: Example, *, max_characters: int) -> float:
    """1.0 if the last block fenced as Python after thinking is a Python program, else 0.0.

    Such a block begins with a line "```python" (or `py`, `python3`) and ends with a line "```".
    It is parsed, never compiled to byte code or run. Not taken for a program: one with no
    statement but a docstring or `pass`, one of more than `max_characters` (1 to 20,000), one with a
    null byte, and one so deep that the parser cannot hold it (which differs a little from one
    Python to the next). Up to 20,000 characters every Python from 3.11 to 3.13 was seen to refuse
    such programs within 25 ms and none to crash; more was not tried.
    Range {0, 1}. Source: the code format reward of open-r1.
    """
    if not 1 <= max_characters <= MOST:
        raise ValueError(f"max_characters must be from 1 to {MOST}, got {max_characters}")
    program = program_of(completion.text)
    if program is None or len(program) > max_characters:
        return 0.0
    return float(is_program(program))


def program_of(text: str) -> str | None:
    """The last such block of a completion after thinking; None if there is none, or if it is
    longer than `LONGEST`.

    A fence may share its line with an answer tag, as in "<answer>```python".
    """
    after = parse(text).after.replace("\r\n", "\n")
    if "```" not in after:
        return None
    program = last_program(_CLOSING.sub("```\n", _OPENING.sub("\n```", after)))
    return None if program is None or len(program) > LONGEST else program


def last_program(text: str) -> str | None:
    """The content of the last closed block fenced as Python; None if there is none.

    A fence followed by no further backtick opens a block, and the next one alone on its line
    closes it. Linear in the length of the text, whatever the text.
    """
    found, opened = None, None
    for fence in _FENCE.finditer(text):
        word, rest = fence.groups()
        if opened is None:
            opened = None if "`" in rest else fence
        elif not word and not rest:
            if opened[1].lower() in _PYTHON:
                found = text[opened.end() + 1 : fence.start()]
            opened = None
    return found


def is_program(source: str) -> bool:
    """Whether `source` parses as Python and says something; never raises, never runs it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes such as "\d", which are no error
            tree = ast.parse(source)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return False
    return any(not _says_nothing(node) for node in tree.body)


def _says_nothing(node: ast.stmt) -> bool:
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass)
