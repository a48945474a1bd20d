"""The page of `stage=samples`: stored completions with buttons that filter them.

Self-contained like every page of the lab: no script and nothing loaded, which a content security
policy says to the browser. The buttons are radio inputs, and style rules hide what they exclude.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markupsafe import Markup, escape

from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.rollout import UNJUDGED, Rollout
from reasoning_lab.report.pages.template import template
from reasoning_lab.report.text.completion import TAGS, figure, signed
from reasoning_lab.report.text.words import counted
from reasoning_lab.report.verbs.samples import counts
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest

PERIODS = 4
"""The steps are cut into at most so many stretches to choose from."""


@dataclass(frozen=True, slots=True)
class Button:
    """A choice: the class of the completions that it keeps, its label, how many they are."""

    key: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Buttons of which one is chosen; `key` is a word for names in the page."""

    key: str
    label: str
    buttons: list[Button]


@dataclass(frozen=True, slots=True)
class Entry:
    """A completion and the classes that the buttons look for."""

    one: Rollout
    right: bool
    classes: list[str]


def write(folder: RunFolder, manifest: Manifest, shown: Sequence[Rollout]) -> Path:
    """Write `report.html` over these completions; gives its path."""
    write_text(folder.report, render(manifest, shown))
    return folder.report


def render(manifest: Manifest, shown: Sequence[Rollout]) -> str:
    """The page's HTML."""
    periods = stretches([one.step for one in shown])
    terms = list(dict.fromkeys(name for one in shown for name in one.parts))
    entries = [_entry(one, periods, terms) for one in shown]
    filters = {"tags": _tags, "figure": figure, "signed": signed, "counted": counted}
    return template("samples.html", characters=6000, lines=120, **filters).render(
        manifest=manifest,
        source=manifest.parents[0],
        counts=counts(manifest),
        entries=entries,
        filters=_filters(entries, periods, terms),
    )


def stretches(steps: Sequence[int]) -> list[tuple[int, int]]:
    """First and last step of up to `PERIODS` stretches of about as many different steps.

    >>> stretches([1, 1, 2, 3, 4, 5, 8])
    [(1, 1), (2, 3), (4, 4), (5, 8)]
    """
    found = sorted(set(steps))
    number = min(PERIODS, len(found))
    cuts = [place * len(found) // number for place in range(number + 1)] if number else []
    return [(found[a], found[b - 1]) for a, b in pairwise(cuts)]


def _entry(one: Rollout, periods: Sequence[tuple[int, int]], terms: Sequence[str]) -> Entry:
    classes = [f"verdict-{_word(one.verdict or UNJUDGED)}"]
    classes += [f"steps-{n}" for n, (low, high) in enumerate(periods) if low <= one.step <= high]
    classes += [f"term{n}-{_paid(one.parts.get(name))}" for n, name in enumerate(terms)]
    return Entry(one, one.verdict == "correct", classes)


def _paid(value: float | None) -> str:
    return "none" if value is None else "paid" if value > 0 else "unpaid"


def _filters(
    entries: Sequence[Entry], periods: Sequence[tuple[int, int]], terms: Sequence[str]
) -> list[Filter]:
    have = Counter(word for entry in entries for word in entry.classes)
    verdicts = Counter(entry.one.verdict or UNJUDGED for entry in entries)
    by_verdict = {f"verdict-{_word(kind)}": kind for kind, _ in verdicts.most_common()}
    by_step = {
        f"steps-{n}": f"{low:,}–{high:,}" if low < high else f"{low:,}"
        for n, (low, high) in enumerate(periods)
    }
    found = [_filter("verdict", "verdict", by_verdict, have)]
    found.append(_filter("steps", "steps", by_step, have))
    for n, name in enumerate(terms):
        kinds = {"paid": "above 0", "unpaid": "0 or less", "none": "not applied"}
        words = {f"term{n}-{kind}": label for kind, label in kinds.items()}
        found.append(_filter(f"term{n}", name, words, have))
    # A filter that excludes nothing is no choice.
    return [one for one in found if len(one.buttons) > 1]


def _filter(key: str, label: str, words: dict[str, str], have: Counter[str]) -> Filter:
    buttons = [Button(word, said, have[word]) for word, said in words.items() if have[word]]
    return Filter(key, label, buttons)


def _word(kind: str) -> str:
    """A verdict as a class; anything that the lab did not write is a plain `other`."""
    return kind if kind.isidentifier() and kind.isascii() else "other"


def _tags(text: str) -> Markup:
    """The text, escaped, with the tags of the grammar tinted."""
    pieces = re.split(f"({TAGS})", text)
    # Every second piece is a tag; all pieces are escaped before markup is put around them.
    tinted = [
        Markup('<span class="tag">{}</span>').format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    ]
    return Markup("").join(tinted)
