"""Rows of any source become `Example`s in two splits that never share a problem."""

from reasoning_lab.data import mixture, procedural, rows
from reasoning_lab.data.rows import heldout
from reasoning_lab.data.split import Splits, Told, to_measure
from reasoning_lab.schema.data import Data, Mixture, Procedural

__all__ = ["Splits", "Told", "heldout", "load", "to_measure"]


def load(data: Data, told: Told | None = None) -> Splits:
    """Load a data set as its configuration describes it.

    The same `data` gives the same examples in the same order on every machine. `told` hears of each
    problem that is made on the fly: of one more.

    Raises DataError with the file, line or configuration key at fault.
    """
    if isinstance(data, Procedural):
        return procedural.load(data, told)
    if isinstance(data, Mixture):
        return mixture.load(data, told)
    return rows.load(data)
