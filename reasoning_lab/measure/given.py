r"""Saved completions of anybody's model: read from a file, matched with the held-out problems.

Needs no model and no torch. A row is an object:

    {"id": "gsm8k-test-3", "completions": ["… <answer>42</answer>", {"text": "…", "tokens": 80}]}
    {"question": "6 * 7?", "completion": "\\boxed{42}", "way": "think", "finish": "stop"}

What the lab needs and a row does not say is not guessed: without `tokens` there are no lengths,
without `finish` nobody knows what was cut off.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from reasoning_lab.data import files
from reasoning_lab.data.readers import RowError
from reasoning_lab.data.rows import by_kind
from reasoning_lab.data.split import key
from reasoning_lab.errors import DataError, Problem
from reasoning_lab.measure.measured import FINISH, TOKENS
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.prompts import question_of

GIVEN = "given"
"""The way of completions whose row names none."""
FINISHES: dict[str, Literal["stop", "length"]] = {"stop": "stop", "length": "length"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SUCH = '{"id": "…", "completions": ["…"]}'


@dataclass(frozen=True, slots=True)
class Saved:
    """One completion of a row; `tokens` and `finish` are None where the row does not say them."""

    text: str
    tokens: int | None
    finish: Literal["stop", "length"] | None


@dataclass
class Given:
    """The completions of the problems that have some in every way, and what to say of the rest."""

    examples: list[Example] = field(default_factory=list)
    completions: dict[str, list[list[Completion]]] = field(default_factory=dict)
    unsaid: dict[str, frozenset[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(path: Path, heldout: Sequence[Example]) -> Given:
    """The completions in `path` of the held-out problems, in the problems' order.

    Raises DataError with the line of every row that is none, and where no row is of any problem.
    """
    rows: dict[str, dict[int, list[Saved]]] = {}
    bad: list[Problem] = []
    strangers: list[str] = []
    places = _places(heldout)
    seen = 0
    for where, row in files.read(path):
        seen += 1
        try:
            if isinstance(row, Problem):
                raise RowError(row.what, row.cure)
            way, saved = _way(row), list(_saved(row))
            place = _place(row, places, heldout)
        except RowError as error:
            bad.append(Problem(where, error.what, error.cure))
            continue
        if place is None:
            strangers.append(where)
        else:
            rows.setdefault(way, {}).setdefault(place, []).extend(saved)
    if bad:
        raise DataError(*by_kind(bad, seen))
    if not rows:
        what = f"of {len(strangers):,} rows none is of a held-out problem of the data"
        cure = "give the `id` or the `question` of each row as the data have it"
        raise DataError.one(strangers[0] if strangers else str(path), what, cure)
    return _given(rows, heldout, strangers)


def _given(
    rows: Mapping[str, Mapping[int, list[Saved]]],
    heldout: Sequence[Example],
    strangers: Sequence[str],
) -> Given:
    everywhere = set(range(len(heldout))).intersection(*(found.keys() for found in rows.values()))
    kept = sorted(everywhere)
    if not kept:
        what = f"no problem has completions in each of the ways {', '.join(rows)}"
        raise DataError.one("stage.completions", what, "measure each way from a file of its own")
    found = Given([heldout[place] for place in kept])
    for way, by_place in rows.items():
        saved = [by_place[place] for place in kept]
        found.completions[way] = [[_completion(one) for one in row] for row in saved]
        every = [one for row in saved for one in row]
        unsaid = {TOKENS: any(one.tokens is None for one in every)}
        unsaid[FINISH] = any(one.finish is None for one in every)
        found.unsaid[way] = frozenset(what for what, is_so in unsaid.items() if is_so)
    found.notes = list(_notes(found, len(heldout), strangers))
    return found


def _notes(found: Given, heldout: int, strangers: Sequence[str]) -> Iterator[str]:
    """What a reader of the figures should know of the file."""
    if (missing := heldout - len(found.examples)) > 0:
        yield f"{missing:,} of {heldout:,} held-out problems have no completion and are left out"
    if strangers:
        yield f"{len(strangers):,} rows are of no held-out problem, the first at {strangers[0]}"
    for way, rows in found.completions.items():
        counts = Counter(map(len, rows))
        if len(counts) > 1:
            least, most = min(counts), max(counts)
            yield f"{way}: {least} to {most} completions a problem, so pass@k goes up to {least}"
        for what in sorted(found.unsaid[way]):
            rate = "lengths" if what == TOKENS else "cut-off rate"
            yield f"{way}: not every completion says its `{what}`, so there is no {rate}"


def _completion(saved: Saved) -> Completion:
    """As the judges take it: what did not say how it ended is taken to have ended by itself, and a
    length that was not said is asked by nobody (`Measured.unsaid`)."""
    return Completion(saved.text, saved.tokens or 0, saved.finish or "stop")


def _places(heldout: Sequence[Example]) -> dict[str | int, int]:
    """Each problem's place by its id and by the key of its question."""
    by_id: dict[str | int, int] = {one.id: place for place, one in enumerate(heldout)}
    return by_id | {key(question_of(one)): place for place, one in enumerate(heldout)}


def _place(
    row: Mapping[str, Any], places: Mapping[str | int, int], heldout: Sequence[Example]
) -> int | None:
    """The problem that a row is of; None: of none of these. RowError for a contradiction."""
    name, question = row.get("id"), _question(row)
    if name is None and question is None:
        raise RowError("has neither `id` nor `question`", f"a row is such as {_SUCH}")
    by_id = None if name is None else places.get(str(name))
    by_question = None if question is None else places.get(key(question))
    if by_id is not None and question is not None and by_question != by_id:
        asked = question_of(heldout[by_id])
        cure = f"under this id the data ask: {asked[:60]}"
        raise RowError(f"`id` {name} and `question` are of two problems", cure)
    return by_question if by_id is None else by_id


def _question(row: Mapping[str, Any]) -> str | None:
    """The text of the question, or of the last turn of a chat."""
    found = row.get("question")
    if isinstance(found, list) and found and isinstance(found[-1], dict):
        found = found[-1].get("content")
    if found is not None and not isinstance(found, str):
        raise RowError("`question` is neither text nor chat turns")
    return found


def _way(row: Mapping[str, Any]) -> str:
    way = row.get("way", GIVEN)
    if not isinstance(way, str) or not _NAME.fullmatch(way):
        raise RowError(f"`way` is {way!r}", "a name of letters, digits and _, such as think")
    return way


def _saved(row: Mapping[str, Any]) -> Iterator[Saved]:
    """The completions of a row. RowError where there is none, or one is not a completion."""
    if ("completion" in row) == ("completions" in row):
        both = "both `completion` and" if "completion" in row else "neither `completion` nor"
        raise RowError(f"has {both} `completions`", f"a row is such as {_SUCH}")
    if "completion" in row:
        yield _one({"text": row["completion"], **_facts(row)}, "completion")
        return
    many = row["completions"]
    if not isinstance(many, list) or not many:
        raise RowError("`completions` is not a list of completions", f"a row is such as {_SUCH}")
    for one in many:
        yield _one({"text": one} if isinstance(one, str) else one, "completions")


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in (TOKENS, FINISH) if name in row}


def _one(found: Any, name: str) -> Saved:
    if isinstance(found, dict) and isinstance(found.get("text"), dict):
        found = {**found["text"], **_facts(found)}
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise RowError(f"`{name}` holds what is no text", 'text, or {"text": "…", "tokens": 80}')
    tokens, finish = found.get(TOKENS), found.get(FINISH)
    if tokens is not None and (type(tokens) is not int or tokens < 0):
        raise RowError(f"`tokens` is {tokens!r}", "a whole number, or leave it out")
    if finish is not None and finish not in FINISHES:
        raise RowError(f"`finish` is {finish!r}", "stop or length, or leave it out")
    return Saved(found["text"], tokens, None if finish is None else FINISHES[finish])
