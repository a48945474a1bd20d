"""Screens of worked answers: what each refuses, and what it must let pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.data.screens.duplicates import likeness, nearest, shingles
from reasoning_lab.data.screens.language import mixes_languages
from reasoning_lab.data.screens.repetition import repeats

SUMS = "4+6=10\n10-3=7\n7+8=15\n15-9=6"
CHINESE = "\u6240\u4ee5\u7b54\u6848\u662f\u4e94\u4e2a\u82f9\u679c"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", False),
        (SUMS, False),
        ("wait, let me check that again. " * 8, True),
        ("so the first is 3, and then the second is 4, and both are 7 together", False),
        ("\u7b54" * 90, True),
    ],
)
def test_texts_that_go_in_circles(text: str, refused: bool) -> None:
    assert repeats(text, most=0.5, n=4) is refused


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", False),
        (SUMS, False),
        ("So we add the two and get 7.", False),
        (CHINESE, False),
        (f"So we add the two numbers and {CHINESE}", True),
        ("\u041f\u043e\u044d\u0442\u043e\u043c\u0443 the answer is the sum of all", True),
        ("\u03b1 + \u03b2 = 4, so the sum is four", False),
    ],
)
def test_texts_that_change_the_language(text: str, refused: bool) -> None:
    assert mixes_languages(text, least=0.9) is refused


TEXTS = st.text(alphabet="ab +=\n12", max_size=40)


@given(TEXTS, TEXTS)
def test_likeness_is_a_share_that_both_sides_agree_on(one: str, other: str) -> None:
    first, second = shingles(one), shingles(other)
    assert likeness(first, first) == 1.0
    assert 0.0 <= likeness(first, second) == likeness(second, first) <= 1.0
    assert nearest(first, [second, first]) == 1.0
    assert nearest(first, []) == 0.0


def test_layout_does_not_make_another_text() -> None:
    assert likeness(shingles(SUMS), shingles(SUMS.replace("\n", "  "))) == 1.0
    assert likeness(shingles(SUMS), shingles(SUMS.replace("6", "7"))) < 0.7
