"""A program that has executed its lines and now answers calls of its functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reasoning_lab.sandbox import frames, plain, runner
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job
from reasoning_lab.sandbox.outcome import Outcome, Reply

Relay = Callable[[str, list[Any], dict[str, Any]], Reply]
_MB = 2**20
_MAX_ERROR = 4000  # characters


class Program:
    """A sandboxed process that waits for calls; made by `Sandbox.open`. One thread at a time.

    `loaded` says what became of its own lines: `ok`, or `error` with the exception, or how it
    ended. After anything but `ok` and `error` it is gone, and every further call says the same.
    Its `__name__` is `program`, so what stands under `if __name__ == "__main__"` does not run.
    """

    def __init__(self, door: Door, job: Job, done: Callable[[bool], None]) -> None:
        self._door = door
        self._done: Callable[[bool], None] | None = done
        self.limits = job.limits
        self._over: Reply | None = None
        size = job.limits.files_mb * _MB
        self._cell = door.take(size)
        try:
            runner.ready(self._cell)
            self._cell.feed("")  # what reads its standard input finds the end, and does not wait
            self.loaded = self._ask(
                lambda: runner.order("serve", job, runner.others(door)),
                job.limits.wall_seconds,
                None,
            )
        except BaseException:
            self._cell.close()
            raise

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Reply:
        """Call a function by name, with plain data; `Class.method` works on a new instance.

        `seconds`: of wall clock for this call, by default the limit of the program.
        """
        message = ["call", name, list(args), dict(kwargs or {})]
        return self._ask(lambda: frames.pack(message), seconds, None)

    def execute(self, code: str, seconds: float | None = None, relay: Relay | None = None) -> Reply:
        """Execute more lines in the program's namespace.

        `relay` answers the calls that they make of functions named in `proxies`.
        """
        return self._ask(lambda: frames.pack(["exec", code], frames.MAX_ORDER), seconds, relay)

    def proxies(self, names: Sequence[str]) -> Reply:
        """Define functions in the program whose calls are answered by `execute`'s `relay`."""
        return self._ask(lambda: frames.pack(["proxies", list(names)]), None, None)

    def _ask(self, order: Callable[[], bytes], seconds: float | None, relay: Relay | None) -> Reply:
        if self._over is not None:
            return self._over
        try:
            data = order()
        except plain.NotPlain as error:
            return Reply("error", kind="NotPlain", error=str(error))
        began = time.monotonic()
        until = began + (self.limits.wall_seconds if seconds is None else seconds)
        self._cell.send(data, until)
        while True:
            message, ended = self._answer(until)
            if message is None:
                self._over = self._end(ended, time.monotonic() - began)
                return self._over
            if message[0] != "relay" or relay is None or len(message) != 4:
                return _reply(message, time.monotonic() - began)
            self._cell.send(_relayed(relay(*message[1:])), until)

    def _answer(self, until: float) -> tuple[list[Any] | None, runner.Ended | None]:
        """The next message; without one, what ended the program if that was this side."""
        cell = self._cell
        cell.looked = time.monotonic()
        while True:
            try:
                message = cell.message()
            except plain.NotPlain:
                return None, ("killed", "what it sent is no message")
            if message is not None:
                return message, None
            if cell.silent or cell.ticket in self._door.ended:
                return None, None
            if ended := runner.look(cell, until, self.limits):
                return None, ended

    def _end(self, ended: runner.Ended | None, seconds: float) -> Reply:
        """Bury the program; how it ended."""
        if ended is None:
            ended = runner.wait_for_end(self._cell, time.monotonic() + 1.0, self.limits)
        else:
            runner.bury(self._cell, self.limits)
        wait_status, _, used = self._door.ended[self._cell.ticket]
        status, reason = ended or runner.judged(self._cell, self.limits, wait_status, used)
        if status == "ok":
            status, reason = "error", "it left without an answer"
        return Reply(status, kind="Ended", error=reason, seconds=seconds)

    @property
    def printed(self) -> Outcome:
        """What it has written so far."""
        most = self.limits.output_bytes
        cell = self._cell
        return Outcome("ok", cell.text(cell.stdout, most), cell.text(cell.stderr, most))

    def close(self) -> None:
        """End it and give its worker back."""
        if self._done is None:
            return
        done, self._done = self._done, None
        try:
            self._cell.kill()
            self._door.ended.pop(self._cell.ticket, None)
        except BaseException:
            done(False)
            raise
        self._over = self._over or Reply("killed", kind="Ended", error="closed")
        done(True)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reply(message: list[Any], seconds: float) -> Reply:
    if len(message) == 2 and message[0] == "value":
        return Reply("ok", message[1], seconds=seconds)
    if len(message) == 3 and message[0] == "raised":
        kind, error = (each if isinstance(each, str) else "" for each in message[1:])
        return Reply("error", kind=kind[:200], error=error[:_MAX_ERROR], seconds=seconds)
    return Reply("error", kind="NotPlain", error="no answer to the question", seconds=seconds)


def _relayed(reply: Reply) -> bytes:
    if reply.status == "ok":
        try:
            return frames.pack(["value", reply.value])
        except plain.NotPlain as error:  # what may come in is a little more than what may go out
            return frames.pack(["raised", "NotPlain", str(error)])
    return frames.pack(["raised", reply.kind or reply.status, reply.error])
