"""One call of `Pool.map`: hand jobs to free slots, collect answers, kill what takes too long."""

import os
import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reasoning_lab.pool import wire
from reasoning_lab.pool.launch import Zygote
from reasoning_lab.sandbox.outcome import signal_name

Status = Literal["ok", "timeout", "memory", "died", "error"]
_ANSWERED: dict[bytes, Status] = {wire.OK: "ok", wire.MEMORY: "memory", wire.ERROR: "error"}
_TRIES = 2  # a worker may be killed from outside; a job that kills its second worker did it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job, and the seconds from handing it over to knowing that.

    `status` and what `value` then holds: `ok`: the handler's answer; `timeout`: ""; `memory`:
    the limit in words; `died`: how the worker ended (`SIGSEGV`, `exit status 1`); `error`: the
    traceback of what the handler raised.
    """

    status: Status
    value: str
    seconds: float


class Slot:
    """A worker's place: the process in it may change, a job in it never runs twice at once."""

    def __init__(self, zygote: Zygote) -> None:
        self.zygote = zygote
        self.pid, self.channel = zygote.fork()

    def replace(self) -> int:
        """Kill the worker and put a new one in its place; the old one's wait status."""
        self.channel.close()
        status = self.zygote.kill(self.pid)
        self.pid, self.channel = self.zygote.fork()
        return status


class Batch:
    """The jobs of one call, each at most once in the hands of a worker."""

    def __init__(self, jobs: Sequence[str], seconds: float) -> None:
        self.jobs = jobs
        self.seconds = seconds
        self._waiting = deque(range(len(jobs)))
        self._busy: dict[Slot, tuple[int, float]] = {}
        self._tries = [0] * len(jobs)
        self._done: dict[int, Outcome] = {}

    @property
    def waiting(self) -> int:
        """How many jobs are not in the hands of a worker and not done."""
        return len(self._waiting)

    def again(self) -> None:
        """Put what was under way back to the front: its workers are gone."""
        self._waiting.extendleft(index for index, _ in self._busy.values())
        self._busy.clear()

    def outcomes(self) -> list[Outcome]:
        """The outcomes in the order of the jobs, once `run` has returned."""
        return [self._done[index] for index in range(len(self.jobs))]

    def run(self, slots: Sequence[Slot]) -> None:
        """Run every waiting job to its outcome."""
        while self._waiting or self._busy:
            for slot in slots:
                if slot not in self._busy and self._waiting:
                    self._hand_over(slot)
            for slot in self._answered():
                self._collect(slot)
            now = time.monotonic()
            for slot, (_, since) in list(self._busy.items()):
                if now - since >= self.seconds:
                    slot.replace()
                    self._finish(slot, "timeout", "")

    def _hand_over(self, slot: Slot) -> None:
        index = self._waiting.popleft()
        self._busy[slot] = index, time.monotonic()
        self._tries[index] += 1
        data = wire.encode(self.jobs[index])
        slot.channel.settimeout(self.seconds)
        try:
            slot.channel.sendall(wire.JOB.pack(self.seconds, len(data)) + data)
        except TimeoutError:
            pass  # its time is over, which `run` sees next
        except ConnectionError:
            self._lost(slot)

    def _answered(self) -> list[Slot]:
        """Slots with something to read, waiting for the first one until the next limit is met."""
        if not self._busy:
            return []
        first = min(since for _, since in self._busy.values()) + self.seconds
        with selectors.DefaultSelector() as selector:
            for slot in self._busy:
                selector.register(slot.channel, selectors.EVENT_READ, slot)
            ready = selector.select(max(0.0, first - time.monotonic()))
        return [key.data for key, _ in ready]

    def _collect(self, slot: Slot) -> None:
        _, since = self._busy[slot]
        slot.channel.settimeout(max(0.001, since + self.seconds - time.monotonic()))
        try:
            kind, length = wire.ANSWER.unpack(wire.receive(slot.channel, wire.ANSWER.size))
            if kind not in _ANSWERED or length > wire.MAX_ANSWER:
                raise wire.Gone("what it says is not an answer")
            value = wire.receive_text(slot.channel, length)
        except TimeoutError:
            return  # an answer that stops half-way; `run` ends it at its limit
        except (ConnectionError, UnicodeDecodeError):
            self._lost(slot)
            return
        if kind != wire.OK:
            slot.replace()  # it ends itself after such an answer
        self._finish(slot, _ANSWERED[kind], value)

    def _lost(self, slot: Slot) -> None:
        """The worker is gone without an answer: try once more, then say how it ended."""
        status = slot.replace()
        index, _ = self._busy[slot]
        if self._tries[index] < _TRIES:
            del self._busy[slot]
            self._waiting.appendleft(index)
        else:
            self._finish(slot, "died", _ended(status))

    def _finish(self, slot: Slot, status: Status, value: str) -> None:
        index, since = self._busy.pop(slot)
        self._done[index] = Outcome(status, value, time.monotonic() - since)


def _ended(status: int) -> str:
    """A wait status in words."""
    if os.WIFSIGNALED(status):
        return signal_name(os.WTERMSIG(status))
    return f"exit status {os.waitstatus_to_exitcode(status)}"
