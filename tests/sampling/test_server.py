"""The engine `server` against a server on this machine that behaves well, slowly, or badly."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from writing import params, request

from reasoning_lab.errors import ArtifactError
from reasoning_lab.sampling.server_engine import Server, ServerEngine
from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import sample

pytestmark = pytest.mark.skipif(
    find_spec("openai") is None, reason="the extra `server` is not installed"
)

Answer = tuple[int, str, dict[str, str]]
"""Status, body and headers."""
Behaviour = Callable[[dict[str, Any], int], Answer]
"""What is answered to a request, given how many came before it."""
REQUESTS = [request(f"p{place}", index) for place in range(4) for index in range(2)]


def said(asked: dict[str, Any], **changes: Any) -> str:
    """A completion as servers give it; its text repeats what was asked."""
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {
            "role": "assistant",
            "content": f"{asked['messages'][-1]['content']} {asked['seed']}",
        },
    }
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    head = {"id": "x", "object": "chat.completion", "created": 0, "model": asked["model"]}
    return json.dumps(head | {"choices": [choice], "usage": usage} | changes)


def well(asked: dict[str, Any], before: int) -> Answer:
    return 200, said(asked), {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        server: Any = self.server
        with server.guard:
            before = len(server.asked)
            server.asked.append(asked)
        status, body, headers = server.behaviour(asked, before)
        content = body.encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.behaviour, server.asked, server.guard = behaviour, [], threading.Lock()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def engine(server: Any, **changes: Any) -> ServerEngine:
    fields: dict[str, Any] = {
        "url": f"http://127.0.0.1:{server.server_port}/v1",
        "model": "small",
        "key": "none",
        "at_once": 3,
        "timeout": 20.0,
        "retries": 2,
        "extended": True,
    }
    return ServerEngine(Server(**(fields | changes)))


def test_every_setting_is_sent_with_every_request() -> None:
    rules = params(temperature=0.7, top_p=0.9, top_k=5, max_completion_length=33, stop=("\n\n",))
    with serving(well) as server:
        found = sample(REQUESTS, engine(server), rules)
    assert len(server.asked) == len(REQUESTS)
    for asked in server.asked:
        assert {key: asked[key] for key in asked.keys() - {"messages", "seed"}} == {
            "model": "small",
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": 33,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "n": 1,
            "stream": False,
            "top_k": 5,
            "min_p": 0.0,
            "repetition_penalty": 1.0,
        }
    assert len({asked["seed"] for asked in server.asked}) == len(REQUESTS)
    assert [one.key for one in found] == [one.key for one in REQUESTS]
    assert {(one.completion.tokens, one.prompt_tokens) for one in found} == {(5, 7)}


def test_only_openais_own_settings_where_the_server_knows_no_others() -> None:
    with serving(well) as server:
        sample(REQUESTS, engine(server, extended=False), params())
        assert not {"top_k", "min_p", "repetition_penalty"} & server.asked[0].keys()
        with pytest.raises(ArtifactError) as raised:
            sample(REQUESTS, engine(server, extended=False), params(top_k=3))
    assert raised.value.problems[0].where == "engine.extended"


def test_a_thinking_budget_is_refused() -> None:
    with serving(well) as server, pytest.raises(ArtifactError) as raised:
        sample(REQUESTS, engine(server), params(max_think_tokens=3))
    assert raised.value.problems[0].where == "engine"
    assert server.asked == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_fails_once_is_asked_again(status: int) -> None:
    def behaviour(asked: dict[str, Any], before: int) -> Answer:
        if before % 2 == 0:
            return status, "{}", {"Retry-After-Ms": "10"}
        return well(asked, before)

    with serving(behaviour) as server:
        found = sample(REQUESTS[:3], engine(server, at_once=1), params())
    assert len(found) == 3
    assert len(server.asked) == 6


def test_what_fails_always_is_given_up_after_so_many_tries() -> None:
    def busy(asked: dict[str, Any], before: int) -> Answer:
        return 503, '{"error": {"message": "too busy"}}', {"Retry-After-Ms": "5"}

    with serving(busy) as server, pytest.raises(ArtifactError) as raised:
        sample(REQUESTS[:1], engine(server, retries=3), params())
    assert len(server.asked) == 4
    assert raised.value.problems[0].where == "engine.url"
    assert "503" in raised.value.problems[0].what


def test_a_refusal_is_not_repeated() -> None:
    with (
        serving(lambda *_: (400, '{"error": {"message": "no such model"}}', {})) as server,
        pytest.raises(ArtifactError) as raised,
    ):
        sample(REQUESTS[:1], engine(server), params())
    assert len(server.asked) == 1
    assert "no such model" in raised.value.problems[0].what


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not() -> None:
    def slow(asked: dict[str, Any], before: int) -> Answer:
        time.sleep(0.4)
        return well(asked, before)

    with serving(slow) as server:
        assert len(sample(REQUESTS[:4], engine(server, at_once=4), params())) == 4
        began = time.monotonic()
        with pytest.raises(ArtifactError) as raised:
            sample(REQUESTS[:1], engine(server, timeout=0.1, retries=0), params())
        assert time.monotonic() - began < 5
    assert raised.value.problems[0].where == "engine.url"


GARBAGE = {
    "no JSON": ("<html>", {}),
    "plain text": ("hello", {"Content-Type": "text/plain"}),
    "cut JSON": ('{"choices": [', {}),
    "a list": ("[]", {}),
    "another object": ('{"detail": "x"}', {}),
    "no choices": ('{"choices": [], "usage": {}}', {}),
    "no usage": ('{"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}', {}),
    "no text": (
        '{"choices": [{"message": {"content": 5}, "finish_reason": "stop"}],'
        ' "usage": {"prompt_tokens": 1, "completion_tokens": 1}}',
        {},
    ),
    "no message": (
        '{"choices": [{"finish_reason": "stop"}],'
        ' "usage": {"prompt_tokens": 1, "completion_tokens": 1}}',
        {},
    ),
    "an odd end": (
        '{"choices": [{"message": {"content": "a"}, "finish_reason": "content_filter"}],'
        ' "usage": {"prompt_tokens": 1, "completion_tokens": 1}}',
        {},
    ),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_one_clear_error(name: str) -> None:
    body, headers = GARBAGE[name]
    with serving(lambda *_: (200, body, headers)) as server, pytest.raises(ArtifactError) as raised:
        sample(REQUESTS[:2], engine(server), params())
    assert [problem.where for problem in raised.value.problems] == ["engine.url"]


def test_no_server_is_one_clear_error() -> None:
    with serving(well) as server:
        pass
    with pytest.raises(ArtifactError) as raised:
        sample(REQUESTS[:1], engine(server, retries=0), params())
    assert [problem.where for problem in raised.value.problems] == ["engine.url"]


TEXTS = [
    ({"content": "<think>a\n\nb</think>c\n\nd"}, (), "<think>a\n\nb</think>c\n\nd", None),
    ({"content": "<think>a\n\nb</think>c\n\nd"}, ("\n\n",), "<think>a\n\nb</think>c", "\n\n"),
    ({"content": "c", "reasoning_content": "a"}, (), "<think>a</think>c", None),
    ({"content": None, "reasoning": "a"}, (), "<think>a</think>", None),
    ({"content": None}, (), "", None),
]


@pytest.mark.parametrize(("message", "stop", "text", "stopped"), TEXTS)
def test_the_text_is_the_whole_turn(
    message: dict[str, Any], stop: tuple[str, ...], text: str, stopped: str | None
) -> None:
    def behaviour(asked: dict[str, Any], before: int) -> Answer:
        choice = {"index": 0, "finish_reason": "length", "message": message}
        return 200, said(asked, choices=[choice]), {}

    with serving(behaviour) as server:
        (found,) = sample(REQUESTS[:1], engine(server), params(stop=stop))
    assert (found.completion.text, found.stopped_by) == (text, stopped)
    assert found.completion.finish == ("length" if stopped is None else "stop")


def test_what_came_before_a_failure_is_stored_and_not_asked_again(tmp_path: Path) -> None:
    def breaks(asked: dict[str, Any], before: int) -> Answer:
        return well(asked, before) if before < 5 else (400, "{}", {})

    path = tmp_path / "s"
    with serving(breaks) as server:
        writer = engine(server, at_once=1)
        with Store(path, writer, params()) as store, pytest.raises(ArtifactError):
            sample(REQUESTS, writer, params(), store=store)
        server.behaviour = well
        with Store(path, writer, params()) as store:
            assert len(store) == 5
            assert len(sample(REQUESTS, writer, params(), store=store)) == len(REQUESTS)
    assert len(server.asked) == len(REQUESTS) + 1
    assert json.loads(path.read_text().splitlines()[0])["engine"]["invariant"] is False
