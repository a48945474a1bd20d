"""Progress of a training: a bar on a terminal, plain lines elsewhere.

On a terminal: step k/N, time gone, time left, and the live fields. In a pipe or on CI: one line
at every tenth of the steps, or after 15 seconds, whichever comes first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from reasoning_lab.report.clean import one_line
from reasoning_lab.report.words import duration, percent, plain

LINES_PER_RUN = 10
SECONDS_BETWEEN_LINES = 15.0
_SHARES = ("accuracy", "think", "pass@1", "share")


class Live:
    """A context manager that shows how far a training is.

    `start` is the step that a resumed run continues from, so that the time left is judged by
    the steps made here. `clock` gives seconds.
    """

    def __init__(
        self,
        total_steps: int,
        title: str,
        console: Console | None = None,
        *,
        start: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._title = total_steps, one_line(title)
        self._console = console or Console()
        self._start = self._step = self._shown = start
        self._clock = clock
        self._began = self._last_line = clock()
        self._fields: dict[str, float | str] = {}
        self._bar = self._progress() if self._console.is_terminal else None

    def _progress(self) -> Progress:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[said]}", markup=False, style="cyan"),
        )
        bar = Progress(
            *columns, console=self._console, refresh_per_second=4, speed_estimate_period=60
        )
        self._task = bar.add_task(self._title, total=self._total, completed=self._start, said="")
        return bar

    def __enter__(self) -> Live:
        self._began = self._last_line = self._clock()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._step > self._shown:
            self._line()

    def update(self, step: int, fields: Mapping[str, float | str | None]) -> None:
        """Say that `step` steps are done. A field stays until a newer value; None is skipped."""
        self._step = step
        self._fields.update({key: value for key, value in fields.items() if value is not None})
        if self._bar is not None:
            self._bar.update(self._task, completed=step, said=self._said())
            return
        tenth = max(1, self._total // LINES_PER_RUN)
        due = step // tenth > self._shown // tenth or step >= self._total
        if (due and step > self._shown) or self._clock() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._line()

    def note(self, text: str) -> None:
        """A line that stays: a held-out measurement, a checkpoint."""
        where = self._bar.console if self._bar is not None else self._console
        where.print(Text(one_line(text, characters=400)), soft_wrap=True)

    def _said(self) -> str:
        return "  ".join(
            f"{one_line(key)} {_field(key, self._fields[key])}" for key in self._fields
        )

    def _line(self) -> None:
        now = self._clock()
        gone, made = now - self._began, self._step - self._start
        left = f", {duration(gone / made * (self._total - self._step))} left" if made > 0 else ""
        done = f"{self._title}: step {self._step:,}/{self._total:,}, {duration(gone)}{left}"
        self._console.print(Text(f"{done}  {self._said()}"), soft_wrap=True)
        self._shown, self._last_line = self._step, now


def _field(key: str, value: float | str) -> str:
    if isinstance(value, str):
        return one_line(value, characters=40)
    return percent(value) if any(word in key for word in _SHARES) else plain(value)
