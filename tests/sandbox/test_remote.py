"""The remote level against a small server of ours that answers as SandboxFusion does."""

import base64
import http.server
import json
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import SandboxError
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.sandbox import levels, remote
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.remedy import ADDRESS
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.schema.run import Run
from reasoning_lab.text.example import Completion, Example


class Handler(http.server.BaseHTTPRequestHandler):
    """Runs what is posted, which is only what stands in this file."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = b"<html>" if "nonsense" in asked["code"] else json.dumps(_answer(asked)).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    assert asked["language"] == "python"
    if "overloaded" in asked["code"]:
        return {"status": "SandboxError", "message": "overloaded", "run_result": None}
    with TemporaryDirectory() as folder:
        for name, content in asked["files"].items():
            Path(folder, name).write_bytes(base64.b64decode(content))
        try:
            done = subprocess.run(
                [sys.executable, "-c", asked["code"]],
                input=asked["stdin"],
                capture_output=True,
                text=True,
                timeout=asked["run_timeout"],
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = {"status": "TimeLimitExceeded", "return_code": None, "stdout": "", "stderr": ""}
            return {"status": "Failed", "run_result": late}
    said = {"stdout": done.stdout, "stderr": done.stderr}
    ran = {"status": "Finished", "return_code": done.returncode, **said}
    return {"status": "Success" if done.returncode == 0 else "Failed", "run_result": ran}


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[str]:
    """The address of a server that answers meanwhile."""
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        monkeypatch.setenv(ADDRESS, address)
        monkeypatch.setattr(levels, "_KNOWN", {})
        yield Sandbox("remote")


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("print(input() + open('f').read())", "ok", "given\n"),
        ("1 / 0", "error", ""),
        ("import time; time.sleep(9)", "timeout", ""),
        ("print('x' * 100_000)", "output", "x" * 65536),
        ("import os; os.kill(os.getpid(), 9)", "killed", ""),
        ("raise MemoryError", "memory", ""),
    ],
)
def test_runs(sandbox: Sandbox, code: str, status: str, said: str) -> None:
    outcome = sandbox.run(code, stdin="gi", files={"f": "ven"}, limits=Limits(wall_seconds=2.0))
    assert (outcome.status, outcome.stdout) == (status, said)


def test_calls(sandbox: Sandbox) -> None:
    code = "print('noise')\ndef f(a, b=1): return {a: (b, 2.5)}\ndef g(): exit()\n"
    with sandbox.open(code) as program:
        assert program.loaded.status == "ok"
        assert program.call("f", ["x"], {"b": 3}).value == {"x": (3, 2.5)}
        assert program.call("f").kind == "TypeError"
        assert program.call("g").kind == "SystemExit"


@pytest.mark.parametrize("code", ["overloaded", "nonsense"])
def test_a_server_in_trouble_is_no_verdict(sandbox: Sandbox, code: str) -> None:
    with pytest.raises(SandboxError, match="does not answer"):
        sandbox.run(code)


class Raw(socketserver.StreamRequestHandler):
    """Answers with what its server `says`: bytes, then others ten times a second, for ever."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        begin, drops = self.server.says  # type: ignore[attr-defined]
        self.wfile.write(begin)
        with suppress(OSError):
            while drops:
                self.wfile.write(drops)
                time.sleep(0.1)


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("begin", "drops"),
    [
        (b"", b""),
        (b"no such line\r\n\r\n", b""),
        (b"HTTP/1.1 many\r\n\r\n", b""),
        (HEAD + b"a: b\r\n" * 200 + b"\r\n", b""),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}", b""),
        (b"HTTP/1.1 302 Found\r\nLocation: /run_code\r\n\r\n", b""),
        (b"", b"H"),
        (HEAD, b"a: b\r\n"),
        (HEAD + b"\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_whatever_a_server_says_ends_in_time(
    monkeypatch: pytest.MonkeyPatch, begin: bytes, drops: bytes
) -> None:
    monkeypatch.setattr(remote, "_GRACE", 0.2)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Raw)
    server.daemon_threads = True
    server.says = begin, drops  # type: ignore[attr-defined]
    with serving(server) as address, pytest.raises(SandboxError, match="does not answer"):
        remote.run(address, Job("pass", limits=Limits(wall_seconds=0.8)))


def test_no_judge_there(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="judge process"):
        sandbox.open_judge()


@pytest.mark.parametrize("kind", ["assert", "check"])
def test_a_reward_is_told_so_before_it_judges(sandbox: Sandbox, kind: str) -> None:
    chosen = ["stage=audit", "reward=code", "reward.terms.code.params.isolation=remote"]
    composer = Composer(Run.model_validate_json(json.dumps(compose(chosen))).reward)
    call = {"type": "call", "fn": "f", "args": [2], "expected": 4}
    test = {"type": kind, "code": "assert f(2) == 4"}
    test |= {"entry_point": "f"} if kind == "check" else {}
    program = Completion("```python\ndef f(x): return 2 * x\n```", 9)
    rows = [
        Example(n, (), "", task="code", tests=(one,))
        for n, one in zip("01", (call, test), strict=True)
    ]
    assert composer.score(program, rows[0]).total == 1.0
    with pytest.raises(SandboxError, match="judge process"):
        composer.score_batch([(program, row) for row in rows], [0, 1])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "does not answer"),
        ({"status": "Success", "run_result": {"status": "Finished", "return_code": 0,
                                              "stdout": "no\n", "stderr": ""}}, "honest program"),
    ],
)  # fmt: skip
def test_a_server_that_runs_nothing_is_no_level(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any] | None, said: str
) -> None:
    class Liar(Handler):
        def do_POST(self) -> None:
            self.send_response(200 if answer else 500)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)) as address:
        monkeypatch.setenv(ADDRESS, address)
        monkeypatch.setattr(levels, "_KNOWN", {})
        with pytest.raises(SandboxError, match=said):
            levels.choose("remote")


def test_needs_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    monkeypatch.setattr(levels, "_KNOWN", {})
    with pytest.raises(SandboxError, match="not set"):
        Sandbox("remote").run("pass")
