"""How much of a text is in a language, told without a model, by scripts and function words.

Exact where a language has a script of its own, an estimate among those that share the Latin one.
"""

import re
from itertools import filterfalse

from reasoning_lab.text.function_words import DISTINCT, LANGUAGES, OWN

_COMMAND = re.compile(r"\\[A-Za-z]+")
# ASCII letters in lower case, all else a space: the words of a text are then its parts.
_LETTERS = "".join(c.lower() if c.isalpha() else " " for c in map(chr, range(128)))
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA = "\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
# Written without spaces: each letter counts as a word.
_UNSPACED = re.compile(rf"[{_HAN}{_KANA}\u0e01-\u0e4f]+")
SCRIPTS = {
    "ko": re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+"),
    "ru": re.compile(r"[\u0400-\u052f]+"),
    "el": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]+"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]+"),
    "he": re.compile(r"[\u0590-\u05ff]+"),
    "hi": re.compile(r"[\u0900-\u097f]+"),
}
_RUNS = {
    "zh": re.compile(rf"[{_HAN}]+"),
    "ja": re.compile(rf"[{_HAN}{_KANA}]+"),
    "th": re.compile(r"[\u0e01-\u0e4f]+"),
    "kana": re.compile(rf"[{_KANA}]+"),
}
KANA = 0.1  # of Chinese signs and kana: from here on it is Japanese, below it Chinese
MANY = 20  # words from which function words are to be expected
KNOWN = sorted([*LANGUAGES, *SCRIPTS, "zh", "ja", "th"])
EXPECTED = 0.05  # share of function words that each Latin-written language has at least


def language_share(text: str, wanted: str) -> float | None:
    r"""Words of the language `wanted`, one of `KNOWN`, / all words; None where there is no word.

    Numbers, marks, single letters and `\commands` are no words; a Chinese, Japanese or Thai letter
    is one. A word that mixes scripts is foreign.

    >>> language_share("the sum is twelve", "en"), language_share("3+4=7", "en")
    (1.0, None)
    """
    words = _COMMAND.sub(" ", text) if "\\" in text else text
    latin, own, foreign = _sorted(words, wanted)
    lengths = list(map(len, latin))
    spoken = len(lengths) - lengths.count(1)  # single letters are variables
    total = spoken + own + foreign
    if total == 0:
        return None
    if wanted in LANGUAGES:
        return spoken * _share(latin, spoken, wanted) / total
    return own / total


def main_language_share(text: str) -> float | None:
    """The share of the language that most of a text is in; None where there is no word.

    >>> main_language_share("the sum is 12") or 0.0
    1.0
    """
    shares = [share for name in KNOWN if (share := language_share(text, name)) is not None]
    return max(shares, default=None)


def _share(latin: list[str], spoken: int, wanted: str) -> float:
    """How much of Latin words is the language `wanted`, by its function words."""
    told = list(filter(None, map(DISTINCT[wanted].get, latin)))
    own = told.count(OWN)
    share = own / len(told) if told else 1.0
    return share * min(1.0, own / spoken / EXPECTED) if spoken >= MANY else share


def _sorted(text: str, wanted: str) -> tuple[list[str], int, int]:
    """Latin words in lower case; number of words in the script of `wanted`; and of all others."""
    if text.isascii():
        return text.translate(_LETTERS).split(), 0, 0
    words = text.split()
    latin = " ".join(filter(str.isascii, words)).translate(_LETTERS).split()
    rest = " ".join(filterfalse(str.isascii, words))
    unspaced = "".join(_UNSPACED.findall(rest))
    own = _letters(wanted, unspaced)
    foreign = len(unspaced) - own
    for word in _WORD.findall(_UNSPACED.sub(" ", rest) if unspaced else rest):
        if _LATIN.fullmatch(word):
            latin.append(word.lower())
        elif wanted in SCRIPTS and SCRIPTS[wanted].fullmatch(word):
            own += 1
        elif len(word) > 2 or not SCRIPTS["el"].search(word):  # one or two: a Greek variable
            foreign += 1
    return latin, own, foreign


def _letters(wanted: str, unspaced: str) -> int:
    """How many letters of a text without spaces are of `wanted`: Chinese, Japanese or Thai."""
    if not unspaced or wanted not in _RUNS:
        return 0
    mine = sum(map(len, _RUNS[wanted].findall(unspaced)))
    if wanted == "th":
        return mine
    signs = sum(map(len, _RUNS["ja"].findall(unspaced)))
    kana = sum(map(len, _RUNS["kana"].findall(unspaced)))
    japanese = signs > 0 and kana / signs >= KANA
    return mine if japanese == (wanted == "ja") else 0
