"""Rules about the ways of measuring: what they cannot mean."""

from collections.abc import Iterator, Mapping
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.rules.fields import ROOM
from reasoning_lab.schema.rules.table import rule
from reasoning_lab.schema.way import WAYS

SAMPLES = "stage.evaluation.samples"


@rule(WAYS)
def greedy_answers_are_alike(ways: Mapping[str, Any]) -> Iterator[Problem]:
    """The likeliest answer is one answer, however often it is asked for."""
    for name, way in ways.items():
        if way["temperature"] == 0 and way["samples"] > 1:
            key = f"{WAYS}.{name}"
            what = f"{way['samples']} answers at temperature 0 are {way['samples']} times the same"
            cure = f"use {key}.samples=1, or {key}.temperature=1"
            yield Problem(f"{key}.samples", what, cure)


@rule(WAYS, SAMPLES)
def samples_are_taken(ways: Mapping[str, Any], samples: int) -> Iterator[Problem]:
    """A number of samples that no way takes was asked for in vain."""
    taken = {name: way["samples"] for name, way in ways.items()}
    if samples > 1 and samples not in taken.values():
        said = ", ".join(f"{name} takes {count}" for name, count in taken.items())
        what = f"asks for {samples} answers per problem, and no way takes as many: {said}"
        yield Problem(SAMPLES, what, "choose a way that draws answers: 'way=[greedy,sampled]'")


@rule(WAYS, "stage.evaluation.max_completion_length")
def thinking_leaves_room(ways: Mapping[str, Any], longest: int) -> Iterator[Problem]:
    """A budget for thinking is less than the whole completion."""
    for name, way in ways.items():
        budget, most = way["max_think_tokens"], way["max_completion_length"] or longest
        if budget is not None and budget >= most:
            key = f"{WAYS}.{name}.max_think_tokens"
            what = f"{budget} tokens of thinking leave no answer in a completion of {most}"
            yield Problem(key, what, f"use {key}={most // 2}, or a longer completion")


@rule(WAYS, "model.max_length")
def ways_fit(ways: Mapping[str, Any], longest: int) -> Iterator[Problem]:
    """A way's own length must leave room for the prompt."""
    for name, way in ways.items():
        length = way["max_completion_length"]
        if length is not None and length > longest - ROOM:
            key = f"{WAYS}.{name}.max_completion_length"
            what = f"{length} tokens leave no room for a prompt in model.max_length={longest}"
            yield Problem(key, what, f"use {key}={longest // 2}, or a larger model.max_length")
