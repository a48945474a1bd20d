"""Completions from any server that speaks OpenAI's protocol: vLLM, SGLang, llama.cpp, transformers.

Every setting of sampling is sent with every request. Stop strings are not: a server would let them
fire while the model thinks, so they are applied here, to what came back. The same request may be
answered differently beside other requests, so results are marked as not invariant.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from typing import Any, Literal

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.stop import stop
from reasoning_lab.sampling.closing import stop_place
from reasoning_lab.sampling.engine import Source
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key, Request, Sampled
from reasoning_lab.text.example import Completion

URL = "engine.url"
_PATIENCE = 0.5
"""Seconds after which it is looked again whether the run was told to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the server is and how it is asked.

    `url` ends in `/v1` as a rule; `model` is the server's name for it; `key` opens it, where it
    wants one; `at_once` requests are open at a time, each for at most `timeout` seconds and sent
    again at most `retries` times, with growing pauses, where the server is overloaded, fails or is
    silent. `extended`: it knows settings beyond OpenAI's own (`top_k`, `repetition_penalty`).
    """

    url: str
    model: str
    key: str
    at_once: int
    timeout: float
    retries: int
    extended: bool


class ServerEngine:
    """An engine that asks a `Server`, through the `openai` client (extra `server`)."""

    name = "server"
    invariant = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._openai = import_module("openai")
        self._client = self._openai.OpenAI(
            base_url=server.url,
            api_key=server.key,
            timeout=server.timeout,
            max_retries=server.retries,
        )

    @property
    def identity(self) -> str:
        """The address and the model's name: what stands behind them cannot be known from here."""
        return f"{self._server.url} {self._server.model}"

    def stream(self, source: Source, params: Params) -> Iterator[Sampled]:
        """A completion for each request, as they come. Raises ArtifactError where the server cannot
        be reached, refuses, or answers with something else than a completion."""
        self._check(params)
        pool = ThreadPoolExecutor(self._server.at_once, thread_name_prefix="sampling")
        asked: set[Future[Sampled]] = set()
        try:
            while True:
                for request in source.take(self._server.at_once - len(asked)):
                    asked.add(pool.submit(self._ask, request, params))
                if not asked:
                    return
                stop.check()
                done, asked = wait(asked, _PATIENCE, FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _check(self, params: Params) -> None:
        if params.max_think_tokens is not None:
            raise ArtifactError.one(
                "engine",
                "a server cannot be made to close a think block after max_think_tokens",
                "use engine=transformers, or no thinking budget",
            )
        if params.top_k and not self._server.extended:
            what = "top_k is not one of OpenAI's own settings"
            raise ArtifactError.one("engine.extended", what, "use engine.extended=true, or top_k=0")

    def _ask(self, request: Request, params: Params) -> Sampled:
        errors = self._openai
        try:
            answer = self._client.chat.completions.create(
                model=self._server.model,
                messages=[dict(turn) for turn in request.prompt],
                **_settings(request.key, params, extended=self._server.extended),
            )
        except errors.APIStatusError as error:
            said = f"answered {error.status_code}: {_short(error.message)}"
            raise self._failed(said) from error
        except errors.APIConnectionError as error:  # a timeout is one, too
            tries = self._server.retries + 1
            said = f"gave no answer in {tries} tries ({type(error).__name__}: {error.__cause__})"
            raise self._failed(said) from error
        except (errors.APIResponseValidationError, ValueError) as error:
            said = f"sent something that is not JSON ({_short(str(error))})"
            raise self._failed(said) from error
        return self._sampled(request.key, answer, params)

    def _sampled(self, key: Key, answer: Any, params: Params) -> Sampled:
        try:
            choice, usage = answer.choices[0], answer.usage
            text, finish = _text(choice.message), choice.finish_reason
            tokens, asked = int(usage.completion_tokens), int(usage.prompt_tokens)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            said = f"sent something that is no completion ({_short(repr(answer))})"
            raise self._failed(said) from error
        if finish not in ("stop", "length"):
            raise self._failed(f"ended a completion with finish_reason={finish!r}")
        place = stop_place(text, params.stop)
        ended: Literal["stop", "length"] = "length" if finish == "length" else "stop"
        return Sampled(
            key=key,
            completion=Completion(
                text=text if place is None else text[: place[0]],
                tokens=tokens,
                finish=ended if place is None else "stop",
            ),
            prompt_tokens=asked,
            stopped_by=None if place is None else place[1],
        )

    def _failed(self, said: str) -> ArtifactError:
        cure = "look at the server's log; what is stored stays, and is not asked for again"
        return ArtifactError.one(URL, f"{self._server.url} {said}", cure)


def _settings(key: Key, params: Params, *, extended: bool) -> Mapping[str, Any]:
    """All settings by OpenAI's names, those that the lab never uses switched off."""
    own = {
        "temperature": params.temperature,
        "top_p": params.top_p,
        "max_tokens": params.max_completion_length,
        "seed": _seed(key, params),
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "n": 1,
        "stream": False,
    }
    if not extended:
        return own
    return own | {
        "extra_body": {
            "top_k": params.top_k or -1,
            "min_p": 0.0,
            "repetition_penalty": 1.0,
        }
    }


def _seed(key: Key, params: Params) -> int:
    """A seed of this completion's own, below 2**31."""
    said = f"{params.seed}/{key.problem}/{key.sample}".encode()
    return int.from_bytes(blake2b(said, digest_size=4).digest(), "big") >> 1


def _text(message: Any) -> str:
    """The whole turn; a server may have taken the thinking out of it."""
    thought = getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
    content = message.content or ""
    if not isinstance(content, str):
        raise TypeError(f"content is {type(content).__name__}")
    return f"<think>{thought}</think>{content}" if thought else content


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:200]}…"
