"""A hash of all settings that can change a score, part by part.

Two results may only be compared where these agree: the same problems, put in the same words,
answered in the same ways, judged by the same judge. The model is compared, so it is no part.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from typing import Any

from reasoning_lab.judges.strict import VERSION
from reasoning_lab.runs.hashing import hash_of
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Example

JUDGES = ("math-verify", "latex2sympy2_extended", "sympy", "reasoning-gym")
"""Packages whose version may change a verdict."""


def of_model(
    evaluation: Evaluation, examples: Sequence[Example], template: str | None
) -> dict[str, str]:
    """The hash of each part of a measurement of a model: `way/NAME` of each way, `problems`,
    `prompt` (the chat template, and what stands before the questions), `judge`.

    `examples` are the problems that are measured, with their system prompt; `template` the chat
    template.
    """
    ways = {
        f"way/{name}": _hash(
            [
                {**way.model_dump(mode="json"), "max_completion_length": evaluation.longest(way)},
                evaluation.seed,
            ]
        )
        for name, way in evaluation.ways.items()
    }
    before = {json.dumps(list(one.prompt[:-1])) for one in examples}
    return {**ways, "prompt": _hash([sorted(before), template]), **_judged(evaluation, examples)}


def of_given(
    evaluation: Evaluation, examples: Sequence[Example], ways: Sequence[str]
) -> dict[str, str]:
    """The same of saved completions: how they were asked for and drawn is only known by name."""
    named = {f"way/{name}": _hash(["given", name]) for name in ways}
    return {**named, **_judged(evaluation, examples)}


def _judged(evaluation: Evaluation, examples: Sequence[Example]) -> dict[str, str]:
    versions = {}
    for package in JUDGES:
        with suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    problems = [[one.id, one.prompt[-1]["content"], one.answer, one.tests] for one in examples]
    return {
        "problems": _hash(problems),
        "judge": _hash([VERSION, versions, sorted(evaluation.modules)]),
    }


def _hash(part: list[Any]) -> str:
    return hash_of({"part": part})
