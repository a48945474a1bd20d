"""Language: share of the wanted language's words, and what is no word at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.rewards.language import language
from rewards.rows import example, wrote

TEXTS = {
    "en": "First we add the numbers, and then we divide the sum by two, for there are two of them.",
    "de": "Zuerst addieren wir die Zahlen, und dann teilen wir die Summe durch zwei.",
    "fr": "On additionne les nombres, puis on divise la somme par deux, ce qui fait quatre.",
    "es": "Primero sumamos los números y luego dividimos la suma entre dos, porque hay dos.",
    "it": "Prima sommiamo i numeri, poi dividiamo la somma per due, quindi abbiamo quattro.",
    "pt": "Primeiro somamos os números e depois dividimos a soma por dois, porque são dois.",
    "nl": "Eerst tellen we de getallen op, en dan delen we de som door twee, want er zijn twee.",
    "zh": "首先我们把数字相加，然后除以二。",
    "ja": "まず数を足して、それから二で割ります。",
    "ko": "먼저 숫자를 더한 다음 둘로 나눕니다.",
    "ru": "Сначала сложим числа, а потом разделим сумму на два.",
    "el": "Πρώτα προσθέτουμε τους αριθμούς και μετά διαιρούμε.",
    "ar": "أولاً نجمع الأعداد ثم نقسم المجموع على اثنين.",
    "he": "קודם נחבר את המספרים ואז נחלק בשתיים.",
    "hi": "पहले हम संख्याओं को जोड़ते हैं।",
    "th": "ก่อนอื่นเราบวกตัวเลขแล้วหารด้วยสอง",
}


def share(thinking: str, wanted: str) -> float | None:
    return language(wrote(f"<think>\n{thinking}\n</think> 4"), example(), wanted=wanted)


@pytest.mark.parametrize("wanted", sorted(TEXTS))
@pytest.mark.parametrize("written", sorted(TEXTS))
def test_each_language_is_told_from_each_other(written: str, wanted: str) -> None:
    paid = share(TEXTS[written], wanted)
    assert paid is not None
    assert paid > 0.8 if written == wanted else paid < 0.25


@pytest.mark.parametrize(
    ("thinking", "wanted", "value", "why"),
    [
        ("12 + 3 = 15", "en", None, "numbers"),
        (r"\frac{1}{2} + \sqrt{x} = 4y", "en", None, "mathematics"),
        ("π r^2, α + Δx", "en", None, "Greek variables"),
        ("x = 3, y = 4, z", "zh", None, "variables"),
        ("... !", "en", 0.0, "nothing"),
        ("Sum: 12 + 3 = 15", "en", 1.0, "numbers are neutral"),
        ("Sum: 12 + 3 = 15", "zh", 0.0, ""),
        ("设x为苹果的数量, 3x = 12", "zh", 1.0, "variables are neutral"),
        ("the sum 总和", "en", 0.5, "each Chinese sign is a word"),
        ("the sum 总和", "zh", 0.5, ""),
        ("thе answer", "en", 0.5, "one Cyrillic letter in a word"),
        ("we add and die Zahl und der Rest nicht mehr", "en", pytest.approx(1 / 6), "both"),
        ("ensin laskemme luvut ja sitten jaamme " * 5, "en", 0.0, "no function word it knows"),
    ],
)
def test_share(thinking: str, wanted: str, value: float | None, why: str) -> None:
    assert share(thinking, wanted) == value, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("we add the numbers", "no thinking"),
        ("<think>we add the numbers", "never closed"),
        ("<think></think>we add the numbers", "empty"),
        ("we add the numbers</think>4", "never opened"),
    ],
)
def test_no_thinking_is_in_no_language(text: str, why: str) -> None:
    assert language(wrote(text), example(), wanted="en") == 0.0, why


def test_half_and_half_is_between() -> None:
    paid = share(f"{TEXTS['en']} {TEXTS['de']}", "en")
    assert paid is not None
    assert 0.2 < paid < 0.8


@given(st.text(), st.sampled_from(sorted(TEXTS)))
def test_range(thinking: str, wanted: str) -> None:
    paid = share(thinking, wanted)
    assert paid is None or 0 <= paid <= 1


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted 'eng' is not known, did you mean en"):
        share("a", "eng")
