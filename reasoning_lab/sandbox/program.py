"""A program that has executed its lines and now answers calls of its functions.

What test code passes to a program, and gets from it, goes through this process as the bytes it
came as: their size is looked at, and nothing of them is unpacked but the function's name.
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reasoning_lab.sandbox import frames, plain, runner
from reasoning_lab.sandbox.door import Door, KeeperLost
from reasoning_lab.sandbox.limits import Job
from reasoning_lab.sandbox.outcome import Outcome, Reply
from reasoning_lab.sandbox.places import Place

Relay = Callable[[str, bytes], Reply]
"""Answers a call: the function's name, its packed arguments; for `ok` the value is packed too."""

_MB = 2**20
_MAX_ERROR = 4000  # characters
_VALUE = b'["value",'
_ASKED = re.compile(rb'\["relay",("(?:[^"\\]|\\.)*"),')
_MAX_RAISED = 2**16  # bytes of an answer that is no value


class Program:
    """A sandboxed process that waits for calls; made by `Sandbox.open`. One thread at a time.

    `loaded` says what became of its own lines: `ok`, or `error` with the exception, or how it
    ended. After anything but `ok` and `error` it is gone, and every further call says the same.
    Its `__name__` is `program`, so what stands under `if __name__ == "__main__"` does not run.
    `most`: bytes of a result that is unpacked here; a longer one is an error of the program.
    `beside`: another one, whose use is watched as well while this one is waited for. `place`: the
    right to compute, somebody else's while this program, and the one beside it, sleep.
    """

    most = plain.MAX_BYTES

    def __init__(
        self, door: Door, job: Job, done: Callable[[bool], None], place: Place | None
    ) -> None:
        self._door = door
        self.place = place
        self._done: Callable[[bool], None] | None = done
        self.limits = job.limits
        self.beside: Program | None = None
        self._over: Reply | None = None
        size = job.limits.files_mb * _MB
        self._cell = door.take(size)
        try:
            runner.ready(self._cell)
            if door.walls.outside:
                self._cell.bound(job.limits)
            self._cell.feed("")  # what reads its standard input finds the end, and does not wait
            self.loaded = self._ask(
                lambda: runner.order("serve", job, door),
                job.limits.wall_seconds,
                None,
                packed=True,
            )
        except BaseException:
            self._cell.abandon()
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

    def pass_on(self, name: str, arguments: bytes, seconds: float | None = None) -> Reply:
        """The same for arguments that a `Relay` was given; the reply's value stays packed."""
        body = b'["call",' + json.dumps(name).encode() + b"," + arguments
        return self._ask(lambda: frames.whole(body), seconds, None, packed=True)

    def execute(self, code: str, seconds: float | None = None, relay: Relay | None = None) -> Reply:
        """Execute more lines in the program's namespace.

        `relay` answers the calls that they make of functions named in `proxies`.
        """
        return self._ask(lambda: frames.pack(["exec", code], frames.MAX_ORDER), seconds, relay)

    def proxies(self, names: Sequence[str]) -> Reply:
        """Define functions in the program whose calls are answered by `execute`'s `relay`."""
        return self._ask(lambda: frames.pack(["proxies", list(names)]), None, None)

    def _ask(
        self,
        order: Callable[[], bytes],
        seconds: float | None,
        relay: Relay | None,
        packed: bool = False,
    ) -> Reply:
        if self._over is not None:
            return self._over
        try:
            data = order()
        except plain.NotPlain as error:
            return Reply("error", kind="NotPlain", error=str(error))
        place = self._place_now()
        self._cell.clock = time.monotonic if place is None else place.now
        began = time.monotonic()
        until = self._cell.clock() + (self.limits.wall_seconds if seconds is None else seconds)
        self._cell.send(data, until)
        while True:
            call: tuple[str, bytes] | None = None
            try:
                body, ended = self._answer(until)
                if body is not None and relay is not None:
                    call = _asked(body)
                if body is not None and call is None:
                    most = -1 if packed else self.most
                    return _reply(body, time.monotonic() - began, most)
            except plain.NotPlain:
                ended = "killed", "what it sent is no answer"
            if call is None or relay is None:
                self._over = self._end(ended, time.monotonic() - began)
                return self._over
            self._cell.send(_relayed(relay(*call)), until)

    def _answer(self, until: float) -> tuple[bytes | None, runner.Ended | None]:
        """The next message; without one, what ended the program if that was this side."""
        cell, beside = self._cell, self.beside
        place = self._place_now()
        cells = (cell,) if beside is None else (beside._cell, cell)
        cell.asked()
        try:
            while (body := frames.take(cell.frames)) is None:
                if cell.silent or cell.ticket in self._door.ended:
                    return None, None
                if ended := runner.look(cell, until, self.limits):
                    return None, ended
                if beside is not None:
                    beside.check()
                if place is not None:
                    place.follow(cells, self.limits)
        finally:
            if place is not None:
                place.wake()
        return body, None

    def _place_now(self) -> Place | None:
        return self.place if self.beside is None else self.beside.place

    def check(self) -> None:
        """Look at what it uses, asked or not; end it when that is too much."""
        if self._over is None and (ended := runner.too_much(self._cell, self.limits)):
            self._over = self._end(ended, 0.0)

    def _end(self, ended: runner.Ended | None, seconds: float) -> Reply:
        """Bury the program; how it ended."""
        if ended is None:
            until = self._cell.clock() + runner.LEAVING
            ended = runner.wait_for_end(self._cell, until, self.limits)
            if ended is not None and self._cell.clock() >= until:
                ended = "killed", "it closed the channel that it answers by"
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
        usable = False
        try:
            self._cell.kill()
            self._door.ended.pop(self._cell.ticket, None)
            usable = True
        except KeeperLost:  # and with it all that it made
            pass
        finally:
            self._over = self._over or Reply("killed", kind="Ended", error="closed")
            done(usable)

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _asked(body: bytes) -> tuple[str, bytes] | None:
    """The name and the packed arguments of a call that test code makes; None for what is none."""
    asked = _ASKED.match(body)
    return (plain.loads(asked[1]), body[asked.end() :]) if asked else None


def _reply(body: bytes, seconds: float, most: int) -> Reply:
    """What a message answers; of values up to `most` bytes are unpacked, -1 for none.

    Raises `plain.NotPlain` for what answers nothing.
    """
    limit = _MAX_RAISED
    if body.startswith(_VALUE):
        limit = plain.MAX_BYTES
        plain.check_size(body)
        if most < 0:
            return Reply("ok", body, seconds=seconds)
        if len(body) > most:
            why = f"a result of {len(body)} bytes, far longer than the expected one"
            return Reply("error", kind="NotPlain", error=why, seconds=seconds)
    message = plain.loads(body, limit)
    if not isinstance(message, list) or not message:
        raise plain.NotPlain("not a message")
    if len(message) == 2 and message[0] == "value" and limit > _MAX_RAISED:
        return Reply("ok", message[1], seconds=seconds)
    if len(message) in (3, 4) and message[0] == "raised":
        kind, error, base = (each if isinstance(each, str) else "" for each in (*message, "")[1:4])
        return Reply("error", None, kind[:200], error[:_MAX_ERROR], seconds, base[:200])
    raise plain.NotPlain("no answer to the question")


def _relayed(reply: Reply) -> bytes:
    if reply.status == "ok":
        return frames.whole(reply.value)
    return frames.pack(["raised", reply.kind or reply.status, reply.error, reply.base])
