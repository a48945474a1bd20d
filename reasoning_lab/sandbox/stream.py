"""One worker's share of many programs: while one is cleared away, the next one runs already."""

from collections import deque
from collections.abc import Sequence

from reasoning_lab.sandbox import runner
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.places import Place

_MB = 2**20


class Share:
    """The programs of a batch, of which several workers take.

    `left`: indices of those that nobody has taken yet; `found`: the outcomes, None until known.
    """

    def __init__(self, jobs: Sequence[Job], found: list[Outcome | None]) -> None:
        self.jobs = jobs
        self.found = found
        self.left = deque(index for index, outcome in enumerate(found) if outcome is None)

    def outcomes(self) -> list[Outcome]:
        """All of them, in the order of the jobs; raises `RuntimeError` where one is missing."""
        whole = [outcome for outcome in self.found if outcome is not None]
        if len(whole) != len(self.jobs):
            raise RuntimeError("a program of the batch has no outcome")
        return whole


class Stream:
    """Runs programs of a `share`, one after the other, and puts their outcomes there.

    `ahead`: processes forked ahead, all at once whenever none is left, which costs the keeper less
    than one after the other. `place`: the right to compute; `taken`: indices of those under way.
    """

    def __init__(self, share: Share, ahead: int, place: Place) -> None:
        self.share = share
        self.ahead = ahead
        self.place = place
        self.began = False
        self.taken: dict[int, runner.Running | None] = {}

    def go(self, door: Door) -> None:
        """Until none is left, or others are to go on first.

        Raises `KeeperLost`; then the indices in `taken` have no outcome.
        """
        try:
            over: int | None = None
            while (index := self._next(door)) is not None or over is not None:
                if over is not None:
                    self._conclude(over)
                if index is not None and (running := self.taken[index]) is not None:
                    self._refill(door, running.limits.files_mb * _MB)
                    runner.follow(running, wait=False, place=self.place)
                over = index
            door.flush()
        except BaseException:
            for each in self.taken.values():
                if each is not None:
                    each.cell.abandon()
            raise

    def _next(self, door: Door) -> int | None:
        """Start a program; its index, None where none is left, or others are to go on first."""
        if self.began and self.place.wanted:
            return None
        self.began = True
        try:
            index = self.share.left.popleft()
        except IndexError:
            return None
        self.taken[index] = None
        job = self.share.jobs[index]
        cell = door.take(job.limits.files_mb * _MB)
        try:
            self.taken[index] = runner.begin(door, cell, job, self.place)
        except runner.TooLong as error:
            cell.kill()
            self.share.found[index] = Outcome("refused", reason=str(error))
        except BaseException:
            cell.abandon()
            raise
        return index

    def _conclude(self, index: int) -> None:
        running = self.taken[index]
        if running is not None:
            self.share.found[index] = runner.outcome(running, soon=True)
        del self.taken[index]

    def _refill(self, door: Door, files_bytes: int) -> None:
        if not door.ahead:
            door.prepare(files_bytes, min(self.ahead, len(self.share.left)))
        door.flush()
