"""How far a file has been worked through, said where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console

from reasoning_lab.report.run.live import SECONDS_BETWEEN_LINES
from reasoning_lab.report.text.words import duration


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
        many = f"{lines:,} line{'' if lines == 1 else 's'}"
        said = f"{many} done, {100 * read:.0f} % of the file, {duration(gone)} gone{left}"
        self._console.print(said, soft_wrap=True, highlight=False, markup=False)
