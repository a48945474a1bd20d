"""Did you mean: the nearest known name, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str:
    """A cure for an unknown name: the nearest known one, else all of them (at most 12).

    >>> suggest("chain_sums", ["chain_sum", "gcd"])
    'did you mean `chain_sum`?'
    """
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    more = f", … ({len(names)} in all)" if len(names) > 12 else ""
    return "known: " + ", ".join(names[:12]) + more
