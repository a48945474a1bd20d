"""Texts that change the language on the way, as DeepSeek-R1-Zero does (arXiv:2501.12948, 2.3.2)."""

from reasoning_lab.text.languages import main_language_share


def mixes_languages(text: str, *, least: float) -> bool:
    """Whether the language that most of the text is in has less than the share `least` of its
    words; a text without words mixes nothing.

    >>> mixes_languages("so the sum is \u7b54\u6848\u662f\u4e94\u4e2a", least=0.8)
    True
    >>> mixes_languages("3+4=7", least=0.8)
    False
    """
    share = main_language_share(text)
    return share is not None and share < least
