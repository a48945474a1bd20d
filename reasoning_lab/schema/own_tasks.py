"""The procedural tasks that the lab makes itself, beside those of reasoning-gym."""

from collections.abc import Mapping
from dataclasses import dataclass

from reasoning_lab.schema.data import RowTask

TINY_CODE = "tiny_code"


@dataclass(frozen=True, slots=True)
class OwnTask:
    """Kinds of a task's parameters by name (see `schema.kinds`), and what task its rows are."""

    params: Mapping[str, str]
    row_task: RowTask


OWN_TASKS = {TINY_CODE: OwnTask({"tests": "int", "families": "list|null"}, "code")}
