"""The level `remote`: a server that speaks SandboxFusion's HTTP (`POST /run_code`).

The server isolates; this side keeps the wall clock, caps what it takes in and trusts no byte of
it. Each request is a program of its own, so a `RemoteProgram` executes its lines anew with every
call and keeps nothing between two of them. There is no judge process at this level.

It is asked directly: no proxy of the environment is used, and no redirection followed.

The fields are those of the server's documentation (github.com/bytedance/SandboxFusion).
"""

import base64
import contextlib
import http.client
import json
import secrets
import socket
import threading
import time
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import plain
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome, Reply, Status
from reasoning_lab.sandbox.program import Program, Relay

_GRACE = 10.0  # seconds past the program's limit for the way there and back, and for a queue
_MAX_ANSWER = 16 * 2**20
# What runs there for one call: the program, then the call, then its answer behind a secret mark.
_CALL = """
import sys, types
def _lab():
    plain = types.ModuleType("plain")
    exec({plain!r}, plain.__dict__)
    program = types.ModuleType("program")
    sys.modules["program"] = program
    try:
        exec(compile({code!r}, "program.py", "exec"), program.__dict__)
        value = None
        if {name!r}:
            args, kwargs = plain.loads({arguments!r})
            at = program
            for part in {name!r}.split("."):
                at = getattr(at() if isinstance(at, type) else at, part)
            value = at(*args, **kwargs)
        answer = plain.dumps(["value", value])
    except BaseException as error:
        answer = plain.dumps(["raised", type(error).__name__, str(error)[:2000]])
    sys.stdout.write("\\n{mark}" + answer.decode() + "\\n")
    sys.stdout.flush()
_lab()
"""


def run(address: str, job: Job) -> Outcome:
    """Run a program there. Raises `SandboxError` where the server does not answer as it should."""
    began = time.monotonic()
    limits = job.limits
    asked = {
        "code": job.code,
        "language": "python",
        "stdin": job.stdin,
        "run_timeout": limits.wall_seconds,
        "memory_limit_MB": limits.memory_mb,
        "files": {
            name: base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
            for name, text in job.files.items()
        },
        "fetch_files": [],
    }
    answer = _post(f"{address.rstrip('/')}/run_code", asked, limits.wall_seconds + _GRACE)
    ran = answer.get("run_result")
    if answer.get("status") == "SandboxError" or not isinstance(ran, dict):
        raise _broken(address, str(answer.get("message") or "an answer without a result")[:300])
    return _outcome(ran, limits, time.monotonic() - began)


def prove(address: str) -> None:
    """See that a server runs an honest program. Raises `SandboxError` where it does not."""
    outcome = run(address, Job("print(input()[::-1])", stdin="ti did"))
    if (outcome.status, outcome.stdout) != ("ok", "did it\n"):
        why = f"an honest program ended there with {outcome.status} and {outcome.stdout[:80]!r}"
        raise _broken(address, why)


def _outcome(ran: Mapping[str, Any], limits: Limits, seconds: float) -> Outcome:
    most = limits.output_bytes
    texts = [str(ran.get(name) or "").encode("utf-8", "replace") for name in ("stdout", "stderr")]
    status, reason = _status(ran, texts[1])
    if any(len(text) > most for text in texts):
        status, reason = "output", f"more than {most} bytes of output"
    out, err = (text[:most].decode("utf-8", "replace") for text in texts)
    return Outcome(status, out, err, seconds, 0.0, reason)


def _status(ran: Mapping[str, Any], stderr: bytes) -> tuple[Status, str]:
    if ran.get("status") == "TimeLimitExceeded":
        return "timeout", "the server's limit of time"
    code = ran.get("return_code")
    if ran.get("status") == "Finished" and code == 0:
        return "ok", ""
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
    if last.startswith("MemoryError"):
        return "memory", last
    if isinstance(code, int) and (code < 0 or code > 128):
        return "killed", f"exit status {code}"
    return "error", last or f"exit status {code}"


class RemoteProgram(Program):
    """A program whose functions are called there; see the module for what differs."""

    def __init__(self, address: str, code: str, limits: Limits) -> None:
        self.address = address
        self.code = code
        self.limits = limits
        self._printed = Outcome("ok")
        self.loaded = self.call("")

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Reply:
        """Execute the program and call a function of it; `""` for none."""
        mark = secrets.token_hex(16)
        try:
            arguments = plain.dumps([list(args), dict(kwargs or {})])
        except plain.NotPlain as error:
            return Reply("error", kind="NotPlain", error=str(error))
        source = Path(plain.__file__).read_text(encoding="utf-8")
        code = _CALL.format(plain=source, code=self.code, name=name, arguments=arguments, mark=mark)
        job = Job(code, limits=self.limits)
        if seconds is not None:
            job = replace(job, limits=replace(self.limits, wall_seconds=seconds))
        return self._read(run(self.address, job), mark)

    def _read(self, outcome: Outcome, mark: str) -> Reply:
        printed, found, rest = outcome.stdout.rpartition(f"\n{mark}")
        self._printed = Outcome("ok", printed if found else outcome.stdout, outcome.stderr)
        if not found:
            status: Status = "error" if outcome.status == "ok" else outcome.status
            error = outcome.reason or "it left without an answer"
            return Reply(status, kind="Ended", error=error, seconds=outcome.seconds)
        try:
            message = plain.loads(rest.partition("\n")[0].encode())
        except plain.NotPlain as error:
            return Reply("error", kind="NotPlain", error=str(error), seconds=outcome.seconds)
        if isinstance(message, list) and len(message) == 2 and message[0] == "value":
            return Reply("ok", message[1], seconds=outcome.seconds)
        if isinstance(message, list) and len(message) == 3:
            return Reply("error", None, str(message[1]), str(message[2]), outcome.seconds)
        return Reply("error", kind="NotPlain", error="no answer to the question")

    def execute(self, code: str, seconds: float | None = None, relay: Relay | None = None) -> Reply:
        """Not at this level: raises `SandboxError`."""
        raise no_judge()

    def proxies(self, names: Sequence[str]) -> Reply:
        """Not at this level: raises `SandboxError`."""
        raise no_judge()

    @property
    def printed(self) -> Outcome:
        """What the last call wrote."""
        return self._printed

    def close(self) -> None:
        """Nothing is kept there."""


def no_judge() -> SandboxError:
    """Why a program cannot be more than called here."""
    return SandboxError.one(
        "isolation=remote",
        "tests written as code (assert, check) need a judge process, and a remote sandbox has none",
        "use isolation=namespaces, or tests of the types call and stdio",
    )


def _post(url: str, asked: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    try:
        data = _answer(urllib.parse.urlsplit(url), json.dumps(asked).encode(), seconds)
        answer = json.loads(data) if len(data) <= _MAX_ANSWER else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise _broken(url, str(error)[:300] or type(error).__name__) from error
    if not isinstance(answer, dict):
        raise _broken(url, "an answer that is too long, or none of this kind")
    return answer


def _answer(url: urllib.parse.SplitResult, body: bytes, seconds: float) -> bytes:
    """The body of a 200; no redirection is followed, since what is posted would get lost."""
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    began = time.monotonic()
    connection = kind(url.hostname or "", url.port, timeout=seconds)
    try:
        connection.connect()
        # A socket's own timeout begins anew with every byte that drips in.
        cut = threading.Timer(seconds - (time.monotonic() - began), _cut, (connection.sock,))
        cut.daemon = True
        cut.start()
        try:
            connection.request("POST", url.path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read(_MAX_ANSWER + 1)
        finally:
            cut.cancel()
    finally:
        connection.close()
    if time.monotonic() - began >= seconds:
        raise TimeoutError("no whole answer in time")
    if response.status != 200:
        raise http.client.HTTPException(f"status {response.status} {response.reason}")
    return data


def _cut(through: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        through.shutdown(socket.SHUT_RDWR)


def _broken(address: str, why: str) -> SandboxError:
    return SandboxError.one(
        "isolation=remote",
        f"the server at {address} does not answer as a SandboxFusion server: {why}",
        "see whether it runs and is not overloaded",
    )
