"""Texts that go round in circles."""

from reasoning_lab.text.repeats import repeated_share


def repeats(text: str, *, most: float, n: int) -> bool:
    """Whether more than the share `most` of the n-grams of words were there before.

    Source: the repetition filters of arXiv:2112.11446 (table A1), which allow 10 % of 10-grams.

    >>> repeats("so it is. " * 9, most=0.3, n=4), repeats("1+2=3 3+4=7", most=0.3, n=4)
    (True, False)
    """
    return repeated_share(text, n) > most
