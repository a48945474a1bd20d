"""Which engine can be had, and for what."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.extras import how_to_install
from reasoning_lab.schema.rules.table import rule
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.way import WAYS


@rule("engine.kind")
def engine_can_be_had(kind: str) -> Iterator[Problem]:
    """Packages that not everybody installs; and no code was ever run on vLLM here."""
    if kind == "vllm":
        missing = "needs the package vllm, which is not installed; and it was never run here"
        what = missing if find_spec("vllm") is None else "was never run here, so there is no code"
        cure = "use engine=transformers, or start `vllm serve MODEL` and use engine=server"
        yield Problem("engine", f"vllm {what}", cure)
    if kind == "server" and find_spec("openai") is None:
        what = "server needs the package openai, which is not installed"
        yield Problem("engine", what, how_to_install("server"))


@rule("engine.kind", "stage.kind")
def engine_is_read(kind: str, stage: str) -> Iterator[Problem]:
    """Another engine than the lab's own would be ignored by a verb that does not ask for one."""
    if kind != "transformers" and stage in VERBS and "engine" not in VERBS[stage].reads:
        what = f"stage={stage} asks no engine for completions, so engine={kind} would do nothing"
        yield Problem("engine", what, "drop it, or measure with stage=evaluate")


@rule("engine.kind", WAYS)
def engine_closes_thinking(kind: str, ways: Mapping[str, Any]) -> Iterator[Problem]:
    """Only the lab's own engine can put tokens into a completion."""
    for name, way in ways.items():
        if kind != "transformers" and way["max_think_tokens"] is not None:
            key = f"{WAYS}.{name}.max_think_tokens"
            what = "a server cannot be made to close a think block"
            yield Problem(key, what, f"use {key}=null, or engine=transformers")


@rule("engine.kind", "engine.extended", WAYS)
def engine_knows_top_k(kind: str, extended: bool, ways: Mapping[str, Any]) -> Iterator[Problem]:
    """OpenAI's own settings have no top_k."""
    for name, way in ways.items():
        if kind == "server" and not extended and way["top_k"]:
            key = f"{WAYS}.{name}.top_k"
            yield Problem(key, "is not one of OpenAI's own settings", "use engine.extended=true")
