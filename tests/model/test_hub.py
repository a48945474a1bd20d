"""The hub as a local server that misbehaves; the client reads its address at import."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

ASK = """
from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import hub
try:
    print("local" if hub.local_only("some/model", None) else "remote")
except ArtifactError as error:
    print(error)
"""


@contextmanager
def server(status: int | None, code: str, body: str) -> Iterator[str]:
    """Answer every request with `status` and the hub's error `code`; None never answers."""
    over = Event()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if status is None:
                over.wait()
                return
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        over.set()
        listening.shutdown()
        thread.join()
        listening.server_close()


def ask(endpoint: str, home: Path, offline: bool = False) -> str:
    environment = os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "1" if offline else "0",
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (None, "", "cannot be reached"),
        (503, "", "the hub answered 503"),
        (403, "GatedRepo", "some/model is gated (accept its terms"),
        (404, "RepoNotFound", "the hub has no model 'some/model'"),
        (404, "RevisionNotFound", "has no revision"),
        (200, "", "remote"),
    ],
)
def test_each_answer_of_the_hub(status: int | None, code: str, says: str, tmp_path: Path) -> None:
    with server(status, code, '{"id": "some/model"}') as endpoint:
        assert says in ask(endpoint, tmp_path)


@pytest.mark.parametrize("offline", [False, True])
def test_the_cache_serves_when_the_hub_does_not(tmp_path: Path, offline: bool) -> None:
    closed = "http://127.0.0.1:9"
    missing = ask(closed, tmp_path, offline)
    assert "is not in the local cache" in missing
    assert "hf download some/model" in missing
    cached = tmp_path / "hub" / "models--some--model"
    (cached / "snapshots" / "abc").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc")
    (cached / "snapshots" / "abc" / "config.json").write_text("{}")
    assert ask(closed, tmp_path, offline) == "local"
