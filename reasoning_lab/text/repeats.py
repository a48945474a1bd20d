"""How much of a text was there before."""

LONG = 64  # characters; a longer run without a space is read letter by letter
USUAL = 7  # characters a word, its space included, in prose


def repeated_share(text: str, n: int) -> float:
    """1 - distinct / all over the n-grams of the words of `text`; n at least 1. Range [0, 1).

    Words stand between spaces, upper and lower case alike. Where a word takes more than 7
    characters on average, runs of more than 64 without a space (Chinese, `aaaa…`) count letter by
    letter. A text of fewer than `n` + 1 words has no two n-grams and cannot repeat one: 0.

    >>> repeated_share("so so so so so", 1)
    0.8
    """
    words = text.lower().split()
    if len(text) > USUAL * len(words) and any(len(word) > LONG for word in words):
        words = [piece for word in words for piece in (word if len(word) > LONG else (word,))]
    total = len(words) - n + 1
    if total < 2:
        return 0.0
    distinct = len(set(zip(*(words[start:] for start in range(n)), strict=False)))
    return 1.0 - distinct / total
