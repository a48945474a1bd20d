"""A program in a cell, from its first line to its end: limits of time and output, the verdict."""

import functools
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import frames, kernel, plain, watch
from reasoning_lab.sandbox.contact import Cell
from reasoning_lab.sandbox.door import Door, KeeperLost
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import ASLEEP, FROM_OUTSIDE, Outcome, Status, signal_name
from reasoning_lab.sandbox.places import Place

START_LIMIT = 30.0  # seconds for a cell to be ready; it takes milliseconds
END_LIMIT = 10.0  # seconds for a killed cell to be gone
_MB = 2**20
_REPORT = 2**16  # bytes of what a program says of its own end; see `cell.describe`
LEAVING = 1.0  # seconds for a program to be gone that can tell nothing more
# Of its limit of computing time, in the end: the kernel keeps the limit by counting ticks.
_NEAR = 0.5


class TooLong(plain.NotPlain):
    """A program that cannot be sent."""


def order(kind: str, job: Job, door: Door) -> bytes:
    """The first order to a cell; raises `TooLong` for what cannot be sent."""
    files, limits = dict(job.files), _as_dict(job.limits, door.walls.outside)
    try:
        return frames.pack_order([kind, job.code, files, limits, _others(door)])
    except plain.NotPlain as error:
        raise TooLong(f"a program and files of {error}") from None


@functools.cache
def _as_dict(limits: Limits, outside: bool) -> dict[str, float]:
    """What the program limits itself to, without what is set from outside."""
    found = asdict(limits)
    if outside:
        del found["cpu_seconds"]
    return found


def _others(door: Door) -> int:
    """Processes that are counted with those of a cell, at most."""
    return 0 if door.walls.apart else len(door.alive) + 2


def ready(cell: Cell) -> None:
    """Wait until a cell is closed in; raises `SandboxError` where that failed.

    That is a `KeeperLost` where nothing is said of it, as when a keeper is ended at that moment.
    """
    until = time.monotonic() + START_LIMIT
    while (message := cell.message()) is None:
        if cell.silent or time.monotonic() > until:
            raise KeeperLost.one("sandbox", "a process could not be closed in", "try again")
        cell.pump(until - time.monotonic(), _MB)
    if message[0] != "ready":
        why = str(message[-1])
        raise SandboxError.one("sandbox", f"a process could not be closed in: {why}")
    if kernel.LINUX and not cell.pid:
        raise SandboxError.one("sandbox", "a process did not tell its id: it cannot be watched")
    if not cell.door.bare:
        cell.door.bare = watch.bare(cell.pid)


Ended = tuple[Status, str]  # by this side: as what, and why
_TOGETHER: dict[str, Status] = {"memory": "memory", "cpu": "timeout", "processes": "killed"}


def look(cell: Cell, until: float, limits: Limits) -> Ended | None:
    """Move bytes for a moment; why the program has to end, if it has to."""
    left = until - cell.clock()
    if left <= 0:
        how = f", {ASLEEP}" if cell.asleep else ""
        return "timeout", f"more than {limits.wall_seconds:g} s{how}"
    if not cell.pump(min(left, cell.every), limits.output_bytes):
        return "output", f"more than {limits.output_bytes} bytes of output"
    return too_much(cell, limits)


def too_much(cell: Cell, limits: Limits) -> Ended | None:
    """Why a cell has to end for what all its processes use together, if it has to."""
    if not (which := cell.exceeds(limits)):
        return None
    return _TOGETHER[which], {
        "memory": f"more than {limits.memory_mb} MB, its processes together",
        "cpu": f"more than {limits.cpu_seconds:g} s of computing",
        "processes": f"more than {limits.processes} processes and threads",
    }[which]


def _never(_: Cell) -> bool:
    return False


def wait_for_end(
    cell: Cell,
    until: float,
    limits: Limits,
    enough: Callable[[Cell], bool] = _never,
    place: Place | None = None,
) -> Ended | None:
    """Until the cell's processes are gone, or `enough`; what ended them, if that was this side.

    While they sleep the `place` is somebody else's.
    """
    ended: Ended | None = None
    cell.asked()
    try:
        while cell.ticket not in cell.door.ended and not enough(cell):
            ended = look(cell, until, limits)
            if ended is not None:
                bury(cell, limits)
            elif place is not None and cell.asleep is not place.left:
                place.follow((cell,), limits)
    finally:
        if place is not None and place.left:
            place.wake()
    return ended


def bury(cell: Cell, limits: Limits) -> None:
    """Kill all of a cell's processes and wait until they are gone."""
    cell.wake()
    cell.door.kill(cell.ticket)
    until = time.monotonic() + END_LIMIT
    while cell.ticket not in cell.door.ended:
        # For a moment only: another thread of this keeper may be the one that hears of the end.
        cell.pump(watch.EVERY, limits.output_bytes)
        if time.monotonic() > until:
            raise KeeperLost.one("sandbox", "a killed process does not end", "see the system's log")


@dataclass(slots=True)
class Running:
    """A program in its cell: when it began, and by when on the cell's clock it has to end."""

    cell: Cell
    limits: Limits
    began: float
    until: float
    ended: Ended | None = None
    seconds: float = 0.0


def begin(door: Door, cell: Cell, job: Job, place: Place | None) -> Running:
    """Start a program in a fresh cell; raises `TooLong`."""
    data = order("run", job, door)
    ready(cell)
    if door.walls.outside:
        cell.bound(job.limits)
    cell.clock = place.now if place is not None else time.monotonic
    cell.most = _REPORT
    running = Running(cell, job.limits, time.monotonic(), cell.clock() + job.limits.wall_seconds)
    cell.send(data, running.until)
    cell.feed(job.stdin)
    return running


def follow(running: Running, wait: bool, place: Place | None) -> None:
    """Until it is over. Without `wait` a program is over that says so; it is to be killed."""
    cell, limits, until = running.cell, running.limits, running.until
    enough = _never if wait else _finished
    ended = wait_for_end(cell, until, limits, lambda each: enough(each) or _babbled(each), place)
    if ended is None and _babbled(cell):
        until = min(until, cell.clock() + LEAVING)
        ended = wait_for_end(cell, until, limits)
        if ended is not None and cell.clock() >= until:
            ended = "killed", "what it sent is no report of its end"
    running.ended, running.seconds = ended, time.monotonic() - running.began


def outcome(running: Running, soon: bool = False) -> Outcome:
    """What became of a program that is over; its cell is gone afterwards."""
    cell = running.cell
    try:
        _drain(cell, running.limits.output_bytes)
        return _outcome(cell, running.limits, running.ended, running.seconds)
    finally:
        cell.kill(soon)


def run(door: Door, cell: Cell, job: Job, place: Place | None = None) -> Outcome:
    """Run a program in a fresh cell, to the end of all its processes."""
    try:
        running = begin(door, cell, job, place)
        follow(running, wait=True, place=place)
    except TooLong as error:
        cell.kill()
        return Outcome("refused", reason=str(error))
    except BaseException:
        cell.kill()
        raise
    return outcome(running)


def _finished(cell: Cell) -> bool:
    """Whether the program says that it came to its end without an error.

    Then nobody waits until the kernel has cleared it away. That it may lie earns it nothing: it
    is killed, as if it had left with status 0, which it can do at any time.
    """
    report = _report(cell)
    return report is not None and report[:2] == ["done", ""] and len(report) == 4


def _babbled(cell: Cell) -> bool:
    """Whether the program sent something that is no report: it will never send a right one."""
    report = _report(cell)
    return report is not None and (len(report) != 4 or report[0] != "done")


def _drain(cell: Cell, most: int) -> None:
    """Take in what was written before the program's end."""
    before = -1
    while cell.open - {cell.stdin} and before < (before := sum(map(len, cell.texts.values()))):
        if not cell.pump(0.0, most):
            break


def _outcome(cell: Cell, limits: Limits, ended: Ended | None, seconds: float) -> Outcome:
    wait_status, memory, used = cell.door.ended.get(cell.ticket) or (0, _claimed(cell), 0.0)
    most = limits.output_bytes
    if ended is None and any(len(text) > most for text in cell.texts.values()):
        ended = "output", f"more than {most} bytes of output"
    status, reason = ended or judged(cell, limits, wait_status, used)
    return Outcome(
        status=status,
        stdout=cell.text(cell.stdout, most),
        stderr=cell.text(cell.stderr, most),
        seconds=seconds,
        peak_memory_mb=memory / 1024,
        reason=reason,
    )


def judged(cell: Cell, limits: Limits, status: int, used: float) -> tuple[Status, str]:
    """What a wait status means, with what the cell itself said of it, which is only a hint."""
    said = _said(cell, limits)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGKILL, signal.SIGXCPU) and used >= _NEAR * limits.cpu_seconds:
            return "timeout", f"more than {limits.cpu_seconds:g} s of computing"
        # Nobody inside can do that, nor lower the limit of computing time, where there is a filter.
        if number == signal.SIGKILL and cell.door.walls.seccomp:
            return "killed", FROM_OUTSIDE
        return "killed", signal_name(number)
    if not (code := os.waitstatus_to_exitcode(status)):
        return "ok", ""
    kind, text = said or ("", "")
    if kind == "MemoryError":
        return "memory", f"more than {limits.memory_mb} MB"
    if text.startswith("denied"):
        return "error", f"denied: {kind}{text[6:]}"
    return "error", f"{kind}: {text}" if kind and kind != "SystemExit" else f"exit status {code}"


def _said(cell: Cell, limits: Limits) -> tuple[str, str] | None:
    # Where nothing kept it in, a process that goes on may hold the channel open, and be silent.
    until = time.monotonic() + LEAVING
    while not (cell.frames or cell.report or cell.silent) and time.monotonic() < until:
        cell.pump(until - time.monotonic(), limits.output_bytes)
    report = _report(cell)
    if not report or len(report) != 4 or report[0] != "done":
        return None
    kind, text = (each if isinstance(each, str) else "" for each in report[1:3])
    return kind[:200], text[:500]


def _claimed(cell: Cell) -> int:
    """The kB of memory at its peak, as the program says."""
    claimed = cell.report[3] if cell.report else 0
    return claimed if isinstance(claimed, int) and 0 <= claimed < 2**31 else 0


def _report(cell: Cell) -> list[Any] | None:
    """What the program said of its end, None while it is silent."""
    if cell.report is None:
        try:
            cell.report = cell.message()
        except plain.NotPlain:
            cell.report = []
        if cell.report is not None:  # it may go on for ever
            cell.deafen()
            cell.frames.clear()
    return cell.report
