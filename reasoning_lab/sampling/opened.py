"""The engine that a run has chosen (`engine=`)."""

import os

from reasoning_lab.model.load import Loaded
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.server_engine import Server, ServerEngine
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.schema.engine import EngineHere, EngineServer

NO_KEY = "none"
"""What is sent as a key where there is none: servers of one's own do not look at it."""


def engine_here(choice: EngineHere, loaded: Loaded, slots: int) -> Engine:
    """An engine for a model that is loaded here, which writes so many completions at once."""
    return TransformersEngine(loaded, slots=slots, batch_tokens=choice.batch_tokens)


def engine_there(choice: EngineServer) -> Engine:
    """An engine that asks a server."""
    return ServerEngine(
        Server(
            url=choice.url,
            model=choice.model,
            key=os.environ.get(choice.key_variable) or NO_KEY,
            at_once=choice.at_once,
            timeout=choice.timeout,
            retries=choice.retries,
            extended=choice.extended,
        )
    )
