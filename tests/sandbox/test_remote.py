"""The remote level against a small server of ours that answers as SandboxFusion does."""

from __future__ import annotations

import base64
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import levels
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.sandbox import Sandbox


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
    ran = {
        "status": "Finished",
        "return_code": done.returncode,
        "stdout": done.stdout,
        "stderr": done.stderr,
    }
    return {"status": "Success" if done.returncode == 0 else "Failed", "run_result": ran}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(levels.ADDRESS, f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(levels, "_KNOWN", {})
        yield Sandbox("remote")
        server.shutdown()


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


def test_no_judge_there(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="judge process"):
        sandbox.open_judge()


def test_needs_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(levels.ADDRESS, raising=False)
    monkeypatch.setattr(levels, "_KNOWN", {})
    with pytest.raises(SandboxError, match="not set"):
        Sandbox("remote").run("pass")
