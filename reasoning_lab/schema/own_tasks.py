"""The procedural tasks that the lab makes itself, beside those of reasoning-gym."""

from collections.abc import Mapping
from dataclasses import dataclass

from reasoning_lab.schema.data import RowTask

TINY_CODE = "tiny_code"
COLUMN_SUM = "column_sum"
EUCLID = "euclid"
SIGNS = "signs"
BOOLEAN = "boolean"
SWAPS = "swaps"
CODE_CHAIN = "code_chain"
INSTRUCTIONS = "instructions"


@dataclass(frozen=True, slots=True)
class OwnTask:
    """Kinds of a task's parameters by name (see `schema.kinds`), what task its rows are, and
    whether they have worked steps."""

    params: Mapping[str, str]
    row_task: RowTask
    has_steps: bool = True


def _whole(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "int")


OWN_TASKS = {
    TINY_CODE: OwnTask({"tests": "int", "families": "list|null"}, "code"),
    COLUMN_SUM: OwnTask({**_whole("min_digits", "max_digits"), "language": "str"}, "math"),
    EUCLID: OwnTask(_whole("max_divisor", "max_factor"), "math"),
    SIGNS: OwnTask(_whole("min_numbers", "max_numbers", "max_value"), "math"),
    BOOLEAN: OwnTask(_whole("expressions", "min_operators", "max_operators"), "logic"),
    SWAPS: OwnTask(_whole("things", "min_swaps", "max_swaps"), "logic"),
    CODE_CHAIN: OwnTask(_whole("min_steps", "max_steps", "tests"), "code"),
    INSTRUCTIONS: OwnTask(
        {**_whole("min_words", "max_words"), "kinds": "list|null"}, "chat", has_steps=False
    ),
}
