"""One worker's share of many programs: while one is cleared away, the next one runs already."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from reasoning_lab.sandbox import runner
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job
from reasoning_lab.sandbox.outcome import Outcome

_MB = 2**20


class Share:
    """The programs of a batch, of which several workers take.

    `left`: places of those that nobody has taken yet; `found`: the outcomes, None until known.
    """

    def __init__(self, jobs: Sequence[Job], found: list[Outcome | None]) -> None:
        self.jobs = jobs
        self.found = found
        self.left = deque(place for place, outcome in enumerate(found) if outcome is None)

    def outcomes(self) -> list[Outcome]:
        """All of them, in the order of the jobs; raises `RuntimeError` where one is missing."""
        whole = [outcome for outcome in self.found if outcome is not None]
        if len(whole) != len(self.jobs):
            raise RuntimeError("a program of the batch has no outcome")
        return whole


class Stream:
    """Runs programs of a `share`, one after the other, and puts their outcomes there.

    `ahead`: processes forked ahead, all at once whenever none is left, which costs the keeper less
    than one after the other. `taken`: places of those under way.
    """

    def __init__(self, share: Share, ahead: int) -> None:
        self.share = share
        self.ahead = ahead
        self.taken: dict[int, runner.Running | None] = {}

    def go(self, door: Door) -> None:
        """Until none is left. Raises `KeeperLost`; then the places in `taken` have no outcome."""
        try:
            over: int | None = None
            while (place := self._next(door)) is not None or over is not None:
                if over is not None:
                    self._conclude(over)
                if place is not None and (running := self.taken[place]) is not None:
                    self._refill(door, running.limits.files_mb * _MB)
                    runner.follow(running, wait=False)
                over = place
            door.flush()
        except BaseException:
            for each in self.taken.values():
                if each is not None:
                    each.cell.close()
            raise

    def _next(self, door: Door) -> int | None:
        """Start a program; its place, None where none is left."""
        try:
            place = self.share.left.popleft()
        except IndexError:
            return None
        self.taken[place] = None
        job = self.share.jobs[place]
        cell = door.take(job.limits.files_mb * _MB)
        try:
            self.taken[place] = runner.begin(door, cell, job)
        except runner.TooLong as error:
            cell.kill()
            self.share.found[place] = Outcome("refused", reason=str(error))
        except BaseException:
            cell.close()
            raise
        return place

    def _conclude(self, place: int) -> None:
        running = self.taken[place]
        if running is not None:
            self.share.found[place] = runner.outcome(running, soon=True)
        del self.taken[place]

    def _refill(self, door: Door, files_bytes: int) -> None:
        if not door.ahead:
            door.prepare(files_bytes, min(self.ahead, len(self.share.left)))
        door.flush()
