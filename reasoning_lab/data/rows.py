"""Data sets made of rows: local jsonl files, or the hub.

Where the source has its own test split, that split is kept, and training rows that repeat one of
its problems are dropped. Where there is one file for both, the content rule of `data.split`
decides, as for procedural problems. A test set has no training split: all of its rows are held out.

A row is of the task that its reader names; where the reader names none, of `data.task`.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from reasoning_lab.data import files, hub
from reasoning_lab.data.lookup import reader as find_reader
from reasoning_lab.data.readers import Reader, RowError, Unfit
from reasoning_lab.data.split import Splits, is_heldout, key
from reasoning_lab.errors import DataError, Problem
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.example import UNNAMED_TASK, Example
from reasoning_lab.text.prompts import question_of

_log = logging.getLogger(__name__)
SHOWN = 20  # places that are told of one kind of bad row


def load(data: Rows) -> Splits:
    """Both splits, each question once, cut to the sizes asked for; of a test set one is empty.

    Raises DataError for a missing file, split or column, for a row that cannot be read (with file
    and line), and if there are fewer rows than asked for.
    """
    reader = find_reader(data.reader)
    rows = _examples(data, data.heldout_split, "heldout_split", reader)
    heldout = _heldout(data, rows)
    if data.train_split is None:
        return Splits(train=[], heldout=heldout)
    if _shared_source(data):
        train = {k: example for k, example in rows.items() if not is_heldout(k)}
    else:
        train = _examples(data, data.train_split, "train_split", reader)
        overlap = train.keys() & rows.keys()
        if overlap:
            _log.warning("%s: dropped %d training rows that are held out", data.name, len(overlap))
        train = {k: example for k, example in train.items() if k not in overlap}
    if not train:
        held = "a tenth of the rows by their text is held out, here all of them"
        said = held if _shared_source(data) else "each of them is held out, too"
        what = f"{_named(data)} leaves no row to train on: {said}"
        raise DataError.one("data", what, "add rows, or use data.train_split=null to measure only")
    train_rows = _cut(list(train.values()), data.train_size, data.seed, "train_size")
    return Splits(train=train_rows, heldout=heldout)


def heldout(data: Rows) -> list[Example]:
    """The held-out split alone, the same as that of `load`; raises DataError as that does."""
    reader = find_reader(data.reader)
    return _heldout(data, _examples(data, data.heldout_split, "heldout_split", reader))


def _heldout(data: Rows, rows: dict[int, Example]) -> list[Example]:
    """What is held out of the rows of the held-out split."""
    apart = data.train_split is None or not _shared_source(data)
    kept = [example for k, example in rows.items() if apart or is_heldout(k)]
    if not kept:
        what = f"a tenth of the rows is held out: of {len(rows):,} in {_named(data)} that is none"
        cure = "add rows, or use data.train_split=null to measure on all of them"
        raise DataError.one("data", what, cure)
    return _cut(kept, data.heldout_size, data.seed, "heldout_size")


def _shared_source(data: Rows) -> bool:
    """Whether both splits come from the same rows."""
    one_file = data.path is not None and Path(data.path).expanduser().is_file()
    return one_file or data.train_split == data.heldout_split


def _named(data: Rows) -> str:
    """The file, the folder or the hub id."""
    return str(data.path or data.hub)


def _source(data: Rows, split: str, split_key: str) -> Iterator[files.Row]:
    if data.path is not None:
        return files.read(files.split_file(Path(data.path).expanduser(), split, split_key))
    if data.hub is None:
        cure = "set data.path=FILE.jsonl, or data.hub=ORG/NAME"
        raise DataError.one("data.path", "neither a path nor a hub id is given", cure)
    return hub.read(data.hub, data.config, split)


def _examples(data: Rows, split: str, split_key: str, reader: Reader) -> dict[int, Example]:
    """The examples of a split by the key of their question, in their order, repeats dropped."""
    examples: dict[int, Example] = {}
    repeats = 0
    unfit: Counter[str] = Counter()
    bad: list[Problem] = []
    seen = 0
    for number, (where, row) in enumerate(_source(data, split, split_key)):
        seen += 1
        if isinstance(row, Problem):
            bad.append(row)
            continue
        try:
            example = reader(_renamed(row, data.columns), f"{data.name}-{split}-{number}")
        except Unfit as error:
            unfit[error.what] += 1
            continue
        except RowError as error:
            bad.append(Problem(where, error.what, error.cure))
            continue
        if data.task != example.task == UNNAMED_TASK:
            example = replace(example, task=data.task)
        question_key = key(question_of(example))
        repeats += question_key in examples
        examples.setdefault(question_key, example)
    if bad:
        raise DataError(*by_kind(bad, seen))
    if not examples:
        dropped = f" but {unfit.total():,} that cannot serve" if unfit else ""
        what = f"{_named(data)} has no rows{dropped}"
        raise DataError.one("data.path" if data.path else "data.hub", what, "check the data")
    for what, count in unfit.most_common():
        _log.warning("%s: dropped %d rows of split `%s`: %s", data.name, count, split, what)
    if repeats:
        _log.warning("%s: dropped %d repeated rows of split `%s`", data.name, repeats, split)
    return examples


def by_kind(bad: list[Problem], seen: int) -> list[Problem]:
    """One problem for each kind of bad row, with the places of the others of `seen` rows."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in bad:
        kinds.setdefault((one.what, one.cure), []).append(one.where)
    return [
        Problem(first, f"{what}{_and_at(more, seen)}", cure)
        for (what, cure), (first, *more) in kinds.items()
    ]


def _and_at(places: list[str], seen: int) -> str:
    """`, and 2 rows more: 17, 19`: their lines or numbers; or that all `seen` rows are so."""
    if not places:
        return ""
    if len(places) + 1 == seen:
        return f", as in all {seen:,} rows"
    shown = ", ".join(place.rpartition(":")[2].removeprefix("row ") for place in places[:SHOWN])
    rest = " …" if len(places) > SHOWN else ""
    return f", and {len(places):,} row{'s' if len(places) > 1 else ''} more: {shown}{rest}"


def _renamed(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A row with the reader's names; raises RowError for a named column that it lacks."""
    for name, own in columns.items():
        if own not in row and own != name:
            raise RowError(f"no column `{own}`", f"{did_you_mean(own, row)} (data.columns.{name})")
    return row | {name: row[own] for name, own in columns.items() if own in row}


def _cut(examples: list[Example], size: int | None, seed: int, size_key: str) -> list[Example]:
    """`size` examples chosen by `seed`, in their order; a larger size contains the smaller."""
    if size is None:
        return examples
    if size > len(examples):
        raise DataError.one(
            f"data.{size_key}",
            f"asks for {size} rows, there are {len(examples)}",
            f"use data.{size_key}=null for all of them",
        )
    order = list(range(len(examples)))
    Random(seed).shuffle(order)
    return [examples[place] for place in sorted(order[:size])]
