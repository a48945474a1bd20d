"""One program in a cell, from its first line to its end: the limits of time and output, the verdict."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import asdict

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import frames, plain
from reasoning_lab.sandbox.door import Cell, Door
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome, Status

START_LIMIT = 30.0  # seconds for a cell to be ready; it takes milliseconds
END_LIMIT = 10.0  # seconds for a killed cell to be gone
_MB = 2**20


def order(kind: str, job: Job, others: int) -> bytes:
    """The first order to a cell; raises `plain.NotPlain` for what cannot be sent."""
    files = {name: text for name, text in job.files.items()}
    return frames.pack([kind, job.code, files, asdict(job.limits), others], frames.MAX_ORDER)


def others(door: Door) -> int:
    """Processes that share the user id of a cell of this door, at most, itself left out."""
    return len(door.alive) + 2


def ready(cell: Cell) -> None:
    """Wait until a cell is closed in; raises `SandboxError` where that failed."""
    until = time.monotonic() + START_LIMIT
    while (message := cell.message()) is None:
        if cell.silent or time.monotonic() > until:
            raise SandboxError.one("sandbox", "a process could not be closed in", "try again")
        cell.pump(until - time.monotonic(), _MB)
    if message[0] != "ready":
        why = str(message[-1])
        raise SandboxError.one("sandbox", f"a process could not be closed in: {why}")


def wait_for_end(cell: Cell, until: float, most: int) -> Status | None:
    """Until the cell's processes are gone; what ended them, if that was this side."""
    ended: Status | None = None
    door = cell.door
    while cell.ticket not in door.ended:
        left = until - time.monotonic()
        if ended is None and left <= 0:
            ended = "timeout"
        elif not cell.pump(left, most) and ended is None:
            ended = "output"
        if ended is not None and until < time.monotonic() + END_LIMIT - 1:
            door.kill(cell.ticket)
            until = time.monotonic() + END_LIMIT
        elif left <= -END_LIMIT:
            raise SandboxError.one("sandbox", "a killed process does not end")
    return ended


def run(door: Door, cell: Cell, job: Job) -> Outcome:
    """Run a program in a fresh cell; the cell is gone afterwards."""
    try:
        ready(cell)
        began = time.monotonic()
        until = began + job.limits.wall_seconds
        cell.send(order("run", job, others(door)), until)
        cell.feed(job.stdin)
        ended = wait_for_end(cell, until, job.limits.output_bytes)
        seconds = time.monotonic() - began
        while cell.open - {cell.stdin} and cell.pump(0.0, job.limits.output_bytes):
            pass
        return _outcome(cell, job.limits, ended, seconds)
    finally:
        cell.kill()
        door.ended.pop(cell.ticket, None)


def _outcome(cell: Cell, limits: Limits, ended: Status | None, seconds: float) -> Outcome:
    status, memory, used = cell.door.ended[cell.ticket]
    most = limits.output_bytes
    if ended is None and any(len(text) > most for text in cell.texts.values()):
        ended = "output"
    verdict, reason = judged(cell, limits, status, used)
    return Outcome(
        status=ended or verdict,
        stdout=cell.text(cell.stdout, most),
        stderr=cell.text(cell.stderr, most),
        seconds=seconds,
        peak_memory_mb=memory / 1024,
        reason=f"more than {ended_limit(ended, limits)}" if ended else reason,
    )


def ended_limit(ended: Status, limits: Limits) -> str:
    """The limit that was met, in words."""
    if ended == "output":
        return f"{limits.output_bytes} bytes of output"
    return f"{limits.wall_seconds:g} s"


def judged(cell: Cell, limits: Limits, status: int, used: float) -> tuple[Status, str]:
    """What a wait status means, with what the cell itself said of it, which is only a hint."""
    said = _said(cell)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGKILL, signal.SIGXCPU) and used >= 0.9 * limits.cpu_seconds:
            return "timeout", f"more than {limits.cpu_seconds:g} s of computing"
        return "killed", signal.Signals(number).name
    if not (code := os.waitstatus_to_exitcode(status)):
        return "ok", ""
    kind, text = said or ("", "")
    if kind == "MemoryError":
        return "memory", f"more than {limits.memory_mb} MB"
    if text.startswith("denied"):
        return "error", f"denied: {kind}{text[6:]}"
    return "error", f"{kind}: {text}" if kind and kind != "SystemExit" else f"exit status {code}"


def _said(cell: Cell) -> tuple[str, str] | None:
    while not cell.silent and cell.pump(0.0, 0) is not None and not cell.frames:
        break
    try:
        message = cell.message()
    except plain.NotPlain:
        return None
    if message is None or len(message) != 3 or message[0] != "done":
        return None
    return str(message[1])[:200], str(message[2])[:500]
