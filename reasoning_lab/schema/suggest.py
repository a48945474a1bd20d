"""Names nearest to a mistyped one: did you mean …?"""

from collections.abc import Iterable
from difflib import SequenceMatcher

CLOSE = 0.7
MANY = 12


def near(word: str, choices: Iterable[str], most: int = 3) -> list[str]:
    """The choices that look like `word`, best first; at most `most`, perhaps none.

    A dotted choice is compared whole and by its last part, so `num_generations` finds
    `stage.num_generations`.

    >>> near("num_generatoins", ["stage.num_generations", "stage.max_steps"])
    ['stage.num_generations']
    >>> near("grop", ["grpo", "sft", "evaluate"])
    ['grpo']
    """
    scored = sorted((-_likeness(word, choice), choice) for choice in set(choices))
    if not scored:
        return []
    best = -scored[0][0]
    return [choice for score, choice in scored[:most] if -score >= max(CLOSE, best - 0.08)]


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A cure: the near names, or all of them when none is near and they are few.

    >>> did_you_mean("grop", ["grpo", "sft"])
    'did you mean grpo?'
    >>> did_you_mean("x", ["grpo", "sft"])
    'there are grpo, sft'
    """
    known = sorted(set(choices))
    if found := near(word, known):
        return f"did you mean {_either(found)}?"
    if not known:
        return ""
    shown = ", ".join(known[:MANY])
    are = "is" if len(known) == 1 else "are"
    return f"there {are} {shown}" + (f" and {len(known) - MANY} more" if len(known) > MANY else "")


def _likeness(word: str, choice: str) -> float:
    wanted, whole = word.lower(), choice.lower()
    tail, wanted_tail = whole.rsplit(".", 1)[-1], wanted.rsplit(".", 1)[-1]
    if wanted_tail == tail:
        return 0.9 + 0.1 * _ratio(wanted, whole)
    likeness = max(_ratio(wanted, whole), 0.97 * _ratio(wanted_tail, tail))
    short, long = sorted((wanted_tail, tail), key=len)
    inside = len(short) >= 3 and short in long
    swapped = sorted(wanted_tail) == sorted(tail)
    initials = wanted_tail == "".join(word[0] for word in tail.split("_") if word)
    return max(likeness, 0.72 if inside else 0.0, 0.85 if swapped or initials else 0.0)


def _ratio(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right).ratio()


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
