"""Progress of a training: a bar on a terminal, plain lines elsewhere.

On a terminal: step k/N, time gone, time left, and the live fields. Where it is narrow the bar goes
first, then the fields from the last one on, so that nothing is ever cut in the middle. In a pipe or
on CI: one line at every tenth of the steps, or after 15 seconds, whichever comes first.
"""

import time
from collections.abc import Callable, Mapping

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
)
from rich.text import Text

from reasoning_lab.report.text.clean import one_line
from reasoning_lab.report.text.output import Output
from reasoning_lab.report.text.words import clock_time, counted, duration, plain

LINES_PER_RUN = 10
SECONDS_BETWEEN_LINES = 15.0
WIDE = 100  # columns from which on there is room for a bar
_TITLE = 24  # characters of the title on a terminal
_ALIGNED = len("100 %")  # values take at least so many columns, so that the line stands still
_SHARES = ("accuracy", "think", "pass@1", "share")


def _times(task: Task) -> str:
    gone = task.finished_time if task.finished else task.elapsed
    left = 0.0 if task.finished else task.time_remaining
    return f"{clock_time(gone)} gone {clock_time(left)} left"


class _Times(ProgressColumn):
    """Time gone and time left, each said to be which."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        return Text(_times(task), style="progress.elapsed")


class Live:
    """A context manager that shows how far a training is.

    `start` is the step that a resumed run continues from, so that the time left is judged by
    the steps made here. `unit` is what is counted, `clock` gives seconds.
    """

    def __init__(
        self,
        total_steps: int,
        title: str,
        console: Console | None = None,
        *,
        start: int = 0,
        unit: str = "step",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._title, self._unit = total_steps, one_line(title), unit
        self._console = console or Output()
        self._start = self._step = self._shown = start
        self._clock = clock
        self._began = self._last_line = clock()
        self._fields: dict[str, float | str] = {}
        self._tokens = 0
        self._bar = self._progress() if self._console.is_terminal else None

    def _progress(self) -> Progress:
        bar = [BarColumn(bar_width=min(20, self._console.width - WIDE + 12))]
        bar = bar if self._console.width >= WIDE else []
        shown = Progress(
            TextColumn("{task.description}", markup=False),
            *bar,
            MofNCompleteColumn(),
            _Times(),
            TextColumn("{task.fields[said]}", markup=False, style="cyan"),
            console=self._console,
            refresh_per_second=4,
            speed_estimate_period=60,
        )
        title = one_line(self._title, characters=_TITLE)
        self._task = shown.add_task(title, total=self._total, completed=self._start, said="")
        # What stands beside the fields: title, bar, k/N, and a blank after each.
        self._beside = cell_len(title) + 2 * len(str(self._total)) + 3
        self._beside += bar[0].bar_width + 1 if bar and bar[0].bar_width else 0
        return shown

    def __enter__(self) -> "Live":
        self._began = self._last_line = self._clock()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._step > self._shown:
            self._line()

    def update(self, step: int, fields: Mapping[str, float | str | None]) -> None:
        """Say that `step` steps are done. A field stays until a newer value; None is skipped."""
        self._step = step
        self._fields.update({key: value for key, value in fields.items() if value is not None})
        if self._bar is not None:
            self._bar.update(self._task, completed=step)
            times = _times(self._bar.tasks[0])
            self._bar.update(self._task, said=self._fitting(len(times)))
            return
        tenth = max(1, self._total // LINES_PER_RUN)
        due = step // tenth > self._shown // tenth or step >= self._total
        if (due and step > self._shown) or self._clock() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._line()

    def advance(self, made: int, tokens: int) -> None:
        """Say that `made` more are done, for which so many tokens were written."""
        self._tokens += tokens
        gone = self._clock() - self._began
        pace = {"tokens/s": self._tokens / gone} if self._tokens and gone > 0 else {}
        self.update(self._step + made, pace)

    def note(self, text: str) -> None:
        """A line that stays: a held-out measurement, a checkpoint."""
        where = self._bar.console if self._bar is not None else self._console
        where.print(Text(one_line(text, characters=400)), soft_wrap=True)

    def _each(self, width: int = 0) -> list[str]:
        """The fields as texts, their values right-aligned in at least `width` columns."""
        return [f"{one_line(k)} {_field(k, v):>{width}}" for k, v in self._fields.items()]

    def _fitting(self, times: int) -> str:
        """As many fields, from the first one on, as there is room for beside `times` columns."""
        fields, room = self._each(_ALIGNED), self._console.width - self._beside - times - 1
        while fields and cell_len("  ".join(fields)) > room:
            fields.pop()
        return "  ".join(fields)

    def _line(self) -> None:
        now = self._clock()
        gone, made = now - self._began, self._step - self._start
        left = f", {duration(gone / made * (self._total - self._step))} left" if made > 0 else ""
        counted = f"{self._unit} {self._step:,}/{self._total:,}"
        done = f"{self._title}: {counted}, {duration(gone)} gone{left}"
        self._console.print(Text(f"{done}  {'  '.join(self._each())}"), soft_wrap=True)
        self._shown, self._last_line = self._step, now


def _field(key: str, value: float | str) -> str:
    if isinstance(value, str):
        return one_line(value, characters=40)
    # One batch does not know a share to a tenth of a per cent.
    return f"{100 * value:.0f} %" if any(word in key for word in _SHARES) else plain(value)


class Reading:
    """Says where there is no terminal, every 15 seconds at most, how far a file is worked through.

    `size` is that of the file and `place` gives how much of it is read, both in bytes; `clock`
    gives seconds.
    """

    def __init__(
        self,
        size: int,
        place: Callable[[], int],
        console: Console,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size, self._place, self._console, self._clock = size, place, console, clock
        self._began = self._last = clock()

    def said(self, lines: int) -> None:
        """So many lines are done: say so if it is time."""
        now = self._clock()
        if self._console.is_terminal or now - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last, gone = now, now - self._began
        read = min(1.0, self._place() / max(1, self._size))
        left = f", about {duration(gone / read * (1 - read))} left" if read > 0 else ""
        done = f"{counted(lines, 'line')} done, {100 * read:.0f} % of the file"
        said = f"{done}, {duration(gone)} gone{left}"
        self._console.print(said, soft_wrap=True, highlight=False, markup=False)
