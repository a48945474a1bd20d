"""Code format: what is a program, what is not, and what would choke a parser."""

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.judges.code.fenced import LONGEST, last_program, program_of
from reasoning_lab.rewards.code_format import MOST, code_format
from rewards.rows import example, wrote


def fenced(program: str, name: str = "python") -> str:
    return f"<think>hm</think>\nHere:\n```{name}\n{program}\n```\n"


def pays(text: str, most: int = MOST) -> float:
    (value,) = code_format([(wrote(text), example(task="code"))], max_characters=most)
    return value


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        (fenced("x = 1"), 1.0, ""),
        (fenced("def f(n):\n    return n + 1"), 1.0, ""),
        (fenced("x = 1", "py"), 1.0, ""),
        (fenced("x = 1", "Python3"), 1.0, ""),
        ("```python\nx = 1\n```", 1.0, "no thinking needed"),
        (fenced('s = "\\d"'), 1.0, "a doubtful escape is no error"),
        (fenced("x = 1", ""), 0.0, "not said to be Python"),
        (fenced("x = 1", "js"), 0.0, ""),
        (fenced("x = 1") + fenced("x = = 1"), 0.0, "the last block counts"),
        (fenced("x = = 1") + fenced("x = 1"), 1.0, "the last block counts"),
        (fenced("x = 1") + "```text\nnot this\n```", 1.0, "the last of Python"),
        ("<think>" + fenced("x = 1"), 1.0, "an answer after thinking"),
        ("<think>\n```python\nx = 1\n```\n</think> done", 0.0, "in thinking only"),
        ("```python\nx = 1", 0.0, "never closed"),
        ("x = 1", 0.0, "no block"),
        (fenced(""), 0.0, "empty"),
        (fenced("# only a remark"), 0.0, "says nothing"),
        (fenced("pass"), 0.0, "says nothing"),
        (fenced('"""only words"""'), 0.0, "says nothing"),
        (fenced("print 1"), 0.0, ""),
        (fenced("  x = 1"), 0.0, "indented for no reason"),
        (fenced("x = 1\0"), 0.0, "null byte"),
        (fenced('x = "\ud800"'), 0.0, "half a character"),
        ("", 0.0, ""),
    ],
)
def test_code_format(text: str, value: float, why: str) -> None:
    assert pays(text) == value, why


def test_too_long_a_program() -> None:
    assert pays(fenced("x = 1"), most=6) == 1.0
    assert pays(fenced("x = 10"), most=6) == 0.0


def test_a_program_that_nobody_takes() -> None:
    longest = "#" * (LONGEST - 1)
    assert program_of(fenced(longest)) == longest + "\n"
    assert program_of(fenced("x = 1") + fenced(longest + "#")) is None


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("```python\n```", ""),
        ("   ```\tpy 3.11\n a\n   ``` \t\n", " a\n"),
        ("    ```py\na\n```", None),
        ("```py\na\n    ```\n", None),
        ("```py\na\n```", "a\n"),
        ("```py\na\n``` end\n```", "a\n``` end\n"),
        ("```py\na\n````\n```", "a\n````\n"),
        ("````py\na\n```\n", None),
        ("```py `a`\n```\n", None),
        ("```\n```py\na\n```\n```", None),
        ("```py\n```py\na\n```", "```py\na\n"),
        ("```py\na\n```\n```py\nb", "a\n"),
        ("```py\na\r\n```\r\n", None),
        ("```py\r\na\n```", "a\n"),
        ("```py\x0ca\x85\u2028\n```", ""),
        ("a ```py\na\n```", None),
        ("```python3x\na\n```", None),
    ],
)
def test_where_a_block_begins_and_ends(text: str, program: str | None) -> None:
    assert last_program(text) == program


# The same rules in one pattern, which takes quadratic time.
BLOCK = re.compile(r"^[ \t]{0,3}```[ \t]*(\w*)[^\n`]*\n(.*?)^[ \t]{0,3}```[ \t]*$", re.M | re.S)
PIECES = ["```", "```py", "```\n", "\n```python\n", "`", "py", " ", "   ", "\t", "\n", "\r\n",
          "\x0c", "\u2028", "x = 1", "é", "-"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_blocks_are_those_of_one_pattern(text: str) -> None:
    blocks = [block[2] for block in BLOCK.finditer(text) if block[1] in ("py", "python")]
    assert last_program(text) == (blocks[-1] if blocks else None)


@pytest.mark.timeout(60)  # in quadratic time each would take an hour and more
@pytest.mark.parametrize(
    "text",
    ["```a\n" * 500_000, "```" + "x" * 2_000_000 + "`", "```py\n" + "``` x\n" * 500_000],
    ids=["fences that never close", "a word that is none", "a block that never closes"],
)
def test_a_completion_cannot_choose_how_long_it_is_parsed(text: str) -> None:
    assert program_of(text) is None


HOSTILE = [
    "(" * 9_000 + ")" * 9_000,
    "[" * 18_000,
    "{1:" * 6_000,
    "-" * 18_000 + "1",
    "not " * 4_500 + "x",
    "a" + ".b" * 9_000,
    "f" + "()" * 9_000,
    "+".join("1" * 9_000),
    "**".join("1" * 6_000),
    "lambda:" * 2_500 + "1",
    "9" * 18_000,
    "".join(" " * depth + "if 1:\n" for depth in range(180)),
    'f"' + "{" * 9_000,
    "\\\n" * 9_000,
    "```\n" * 4_000,
    "__import__('os').system('false')",
    "raise SystemExit",
]


@pytest.mark.parametrize("program", HOSTILE, ids=lambda program: program[:12])
def test_hostile_programs_are_judged_and_never_run(program: str) -> None:
    paid: list[float] = []
    other = threading.Thread(target=lambda: paid.append(pays(fenced(program))))
    other.start()
    other.join()
    assert [pays(fenced(program))] == paid
    assert paid[0] in (0.0, 1.0)


@pytest.mark.parametrize("most", [0, MOST + 1])
def test_out_of_range(most: int) -> None:
    with pytest.raises(ValueError, match="max_characters must be from 1 to 20000"):
        pays("", most)


def test_lines_may_end_as_on_windows() -> None:
    text = "<think>\r\nx\r\n</think>\r\n```python\r\ndef f(x): return 2 * x\r\n```\r\n"
    assert program_of(text) == "def f(x): return 2 * x\n"


def test_each_row_of_a_batch_is_paid_by_itself() -> None:
    texts = [fenced("x = 1"), "nothing", fenced("x = = 1"), fenced("'\\d'; y = 2"), fenced("pass")]
    rows = [(wrote(text), example(task="code")) for text in texts]
    assert code_format(rows, max_characters=MOST) == [1.0, 0.0, 0.0, 1.0, 0.0]
    assert code_format([], max_characters=MOST) == []
