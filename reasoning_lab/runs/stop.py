"""Stopping a run so that it can go on later.

The first SIGTERM or SIGINT only sets `stop.requested`. A stage looks at it after each step (and
between batches of a long measurement), saves a checkpoint and raises `Stopped`:

    if stop.requested:
        save_checkpoint()
        raise Stopped(stop.requested)

A second Ctrl-C raises KeyboardInterrupt there and then; a third kills.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class Stopped(Exception):
    """A SIGTERM or SIGINT asked the run to stop; it has saved a checkpoint, if there was need."""

    def __init__(self, signal_name: str) -> None:
        self.signal_name = signal_name
        super().__init__(f"stopped by {signal_name}")

    @property
    def status(self) -> int:
        """Exit status as shells count it: 143 for SIGTERM, 130 for SIGINT."""
        return 128 + signal.Signals[self.signal_name].value


class Stop:
    """Whether somebody has asked this process to stop."""

    def __init__(self) -> None:
        self.requested: str | None = None
        self._told: Callable[[], None] | None = None
        self._said = ""

    def install(self, said: str = "") -> None:
        """Listen for SIGTERM and SIGINT, and write the line `said` to standard error at once when
        the first one comes. Only the main thread may do this.
        """
        self._said = said
        signal.signal(signal.SIGTERM, self._asked)
        signal.signal(signal.SIGINT, self._asked)

    @contextmanager
    def telling(self, told: Callable[[], None]) -> Iterator[None]:
        """Within the block, call `told` when a stop is asked for; at once if it was already."""
        self._told = told
        try:
            if self.requested is not None:
                told()
            yield
        finally:
            self._told = None

    def check(self) -> None:
        """Raise `Stopped` if a stop was asked for: for places with nothing to save."""
        if self.requested is not None:
            raise Stopped(self.requested)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and self.requested is not None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            raise KeyboardInterrupt
        if self.requested is None and self._said:
            # Within a signal's handler no other way of writing is safe.
            with suppress(OSError):
                os.write(2, f"\n{self._said}\n".encode())
        self.requested = self.requested or signal.Signals(number).name
        if self._told is not None:
            self._told()


# Signals belong to the process, so the process has one of these.
stop = Stop()
