import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from sample_run import HOSTILE, harmless

from reasoning_lab.report.text.clean import clean, one_line, shorten, shown

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<think>\n1 + 1 = 2\n</think>", "<think>\n1 + 1 = 2\n</think>"),
        ("[red]kept[/red]", "[red]kept[/red]"),
        ("a\tb\r\nc", "a    b\nc"),
        ("a\rb", "a␍b"),
        ("\x1b[2J", "␛[2J"),
        ("\x00\x07\x7f\x9b", "␀␇\ufffd\ufffd"),
        ("\u202eabc\u200b", "\ufffdabc\ufffd"),
        ("\u2028", "\n"),
        ("\ud800", "\ufffd"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        ("你好 é", "你好 é"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(ANY_TEXT)
def test_clean_text_can_be_printed_and_stays_clean(text: str) -> None:
    done = clean(text)
    assert not {unicodedata.category(c) for c in done if c != "\n"} & {"Cc", "Cf", "Cs"}
    assert done.encode("utf-8") or not text
    assert clean(done) == done


@given(ANY_TEXT, st.integers(20, 200), st.integers(2, 9))
def test_shortened_text_keeps_to_its_limits(text: str, characters: int, lines: int) -> None:
    done = shorten(clean(text), characters=characters, lines=lines)
    notice = 60
    assert len(done) <= characters + notice
    assert done.count("\n") <= lines + 2


def test_the_end_of_a_long_text_is_kept() -> None:
    text = "<think>\n" + "step\n" * 100 + "</think>\n<answer>91</answer>"
    assert shorten(text).endswith("</think>\n<answer>91</answer>")
    assert shorten("x" * 5000 + "<answer>91</answer>").endswith("<answer>91</answer>")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_reaches_no_terminal(text: str) -> None:
    file = io.StringIO()
    Console(file=file, force_terminal=True, width=60).print(shown(text))
    harmless(file.getvalue())
    assert "\x1b[31m" not in file.getvalue()
    assert "\n" not in one_line(text)
