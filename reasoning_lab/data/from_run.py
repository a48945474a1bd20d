"""Rows that an earlier run kept to learn from, and the problems that its own data hold out.

What a problem is held out by is its text, so none of these can stand among the rows.
"""

from pathlib import Path
from random import Random

from pydantic import TypeAdapter, ValidationError

from reasoning_lab.errors import ArtifactError, DataError
from reasoning_lab.records.dataset import CARD, read_card, read_kept
from reasoning_lab.runs.artifacts import Resolved, require_content, resolve
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.data import Data, FromRun
from reasoning_lab.text.example import Example

_DATA: TypeAdapter[Data] = TypeAdapter(Data)


def found(data: FromRun, output: Path) -> Resolved:
    """The data set that `data` names, with its bytes compared where it is pinned.

    Raises ArtifactError as `runs.artifacts.resolve` does.
    """
    place = resolve(data.path, ("dataset",), output)
    require_content(place, data.path)
    return place


def parents(data: Data, output: Path) -> list[Parent]:
    """The run that made the rows; none where they come from elsewhere."""
    if not isinstance(data, FromRun):
        return []
    made_by = found(data, output).parent
    return [] if made_by is None else [made_by]


def kept(data: FromRun, output: Path) -> list[Example]:
    """The rows to train on, in their order; of more than `train_size` a choice by `seed`.

    Raises DataError where there are fewer, or none.
    """
    place = found(data, output).path
    rows = [row.example for row in read_kept(place)]
    size = data.train_size
    if not rows:
        cure = "sample more (stage.samples), or a model that is right more often"
        raise DataError.one("data.path", f"{data.path} kept no row to learn from", cure)
    if size is None:
        return rows
    if size > len(rows):
        what = f"asks for {size:,} rows, {data.path} kept {len(rows):,}"
        raise DataError.one("data.train_size", what, "use data.train_size=null for all of them")
    chosen = sorted(Random(data.seed).sample(range(len(rows)), size))
    return [rows[place] for place in chosen]


def origin(data: FromRun, output: Path) -> Data:
    """The data that the rows were made of, of which only the held-out part is asked for.

    Raises ArtifactError where the card does not say them in this version's words.
    """
    place = found(data, output).path
    try:
        source = _DATA.validate_python(read_card(place).data)
    except ValidationError as error:
        first = error.errors()[0]
        what = f"says data that are none: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        cure = "it is of another version of the lab: make it again with stage=reject"
        raise ArtifactError.one(str(place / CARD), what, cure) from None
    changes = {"heldout_size": data.heldout_size} if data.heldout_size is not None else {}
    return source.model_copy(update=changes)
