"""The program of a completion: its last block fenced as Python after thinking."""

import ast
import re

from reasoning_lab.text.grammar import parse
from reasoning_lab.text.python_source import statements_of

# A line that begins with a fence, its first word and what follows. It never looks beyond its line
# nor at a character twice: a completion must not choose how long it is parsed.
_FENCE = re.compile(r"^[ \t]{0,3}```[ \t]*(\w*)(.*)$", re.M)
_OPENING = re.compile(r"<answer>[ \t]*```")
_CLOSING = re.compile(r"```[ \t]*</answer>")
LONGEST = 200_000
"""Characters of a program, whoever asks for it; a longer one is none."""

_PYTHON = frozenset(("python", "py", "python3"))


def program_of(text: str) -> str | None:
    r"""The program of a completion: its last block fenced as Python after thinking has closed.

    None if there is none, or if it is longer than 200,000 characters. A fence may share its line
    with an answer tag, as in "<answer>```python".

    >>> program_of("<think>\nTwice.\n</think>\n```python\nprint(2 * 2)\n```")
    'print(2 * 2)\n'
    """
    after = parse(text).after.replace("\r\n", "\n")
    if "```" not in after:
        return None
    if "answer>" in after:
        after = _CLOSING.sub("```\n", _OPENING.sub("\n```", after))
    program = last_program(after)
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
    return any(not _says_nothing(node) for node in statements_of(source))


def _says_nothing(node: ast.stmt) -> bool:
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass)
