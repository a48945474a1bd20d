"""Rows of any source become `Example`s in two splits that never share a problem."""

from pathlib import Path

from reasoning_lab.data import from_run, mixture, procedural, rows
from reasoning_lab.data.from_run import parents
from reasoning_lab.data.rows import heldout
from reasoning_lab.data.split import Splits, Told, to_measure
from reasoning_lab.schema.data import Data, FromRun, Mixture, Procedural

__all__ = ["Splits", "Told", "heldout", "load", "parents", "to_measure"]


def load(data: Data, told: Told | None = None, *, output: Path | None = None) -> Splits:
    """Load a data set as its configuration describes it.

    The same `data` gives the same examples in the same order on every machine. `told` hears of each
    problem that is made on the fly: of one more. `output` is the folder of all runs, in which data
    that a run made are looked up.

    Raises DataError with the file, line or configuration key at fault, and ArtifactError for a run
    that cannot be read from.
    """
    if isinstance(data, FromRun):
        if output is None:
            raise ValueError("data of an earlier run are looked up in `output`, which is not given")
        source = from_run.origin(data, output)
        heldout = load(_without_training(source), output=output).heldout
        return Splits(train=from_run.kept(data, output), heldout=heldout)
    if isinstance(data, Procedural):
        return procedural.load(data, told)
    if isinstance(data, Mixture):
        return mixture.load(data, told)
    return rows.load(data)


def _without_training(data: Data) -> Data:
    """The same problems held out, and as few as can be to train on."""
    few = isinstance(data, (Procedural, Mixture))
    return data.model_copy(update={"train_size": 1}) if few else data
