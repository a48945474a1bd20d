"""What makes the problems of the lab's own tasks, by the task's name."""

from collections.abc import Mapping
from typing import Any

from reasoning_lab.data.maker import Maker
from reasoning_lab.data.makers.boolean import Booleans
from reasoning_lab.data.makers.code_chain import Chains
from reasoning_lab.data.makers.column_sum import ColumnSums
from reasoning_lab.data.makers.euclid import Divisors
from reasoning_lab.data.makers.instructions import Instructions
from reasoning_lab.data.makers.signs import Signs
from reasoning_lab.data.makers.swaps import Swaps
from reasoning_lab.data.tiny_code import Functions

__all__ = ["MAKERS", "Maker", "open_maker"]

MAKERS: dict[str, type[Maker]] = {
    made.task: made
    for made in (
        Functions, ColumnSums, Divisors, Signs, Booleans, Swaps, Chains, Instructions,
    )
}  # fmt: skip


def open_maker(task: str, params: Mapping[str, Any], seed: int, where: str = "data") -> Maker:
    """The stream of one of the lab's own tasks.

    Raises DataError, with every problem at once, for parameters that it cannot serve.
    """
    return MAKERS[task](params, seed, where)
