"""reasoning-gym's own scorer for an example that it made.

Some of those scorers raise on text that they did not foresee. An answer that breaks the scorer
is a bad answer, worth 0; the gold answer breaking it would be a broken task, and `check` finds
that before training. Some would run the answer as Python: `data.guard` keeps such answers away.

Not covered: time. A few scorers simplify a formula or search a game tree, and nothing here stops
one that takes long.
"""

import json
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from reasoning_lab.data.guard import safe
from reasoning_lab.data.tasks import GENERATOR_ERRORS, create
from reasoning_lab.errors import DataError
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import question_of

Scorer = Callable[[str | None, dict[str, Any]], Any]

_log = logging.getLogger(__name__)


def score(answer: str | None, example: Example) -> float:
    """What reasoning-gym pays for `answer` (the answer alone, without tags), in [0, 1].

    1.0 is right; many tasks pay a little for answers that are near or well formed.

    Raises DataError if the example does not come from reasoning-gym.
    """
    task, entry = _task(example), _entry(example)
    if answer is not None and answer != example.answer and not safe(task, answer):
        return 0.0
    try:
        value = float(_scorer(task, json.dumps(example.meta["params"]))(answer, entry))
    except GENERATOR_ERRORS as error:
        _log.debug("%s: the scorer broke on %.80r: %r", example.id, answer, error)
        return 0.0
    return min(max(value, 0.0), 1.0)


def check(example: Example) -> None:
    """Raises DataError unless the scorer pays the example's own gold answer in full.

    Examples of tasks without a single gold answer pass.
    """
    task, entry = _task(example), _entry(example)
    if entry["answer"] is None:
        return
    value = score(example.answer, example)
    if value < 1.0:
        what = f"the scorer of `{task}` pays its own gold answer only {value}"
        raise DataError.one(example.id, what)


def _task(example: Example) -> str:
    task = example.meta.get("task")
    if not isinstance(task, str):
        raise DataError.one(
            example.id,
            "was not made by reasoning-gym, so it has no scorer of its own",
            "use reward=math, or data=reasoning_gym data.task=NAME",
        )
    return task


@lru_cache(maxsize=256)
def _scorer(task: str, params: str) -> Scorer:
    """A few scorers look at the task's parameters, so they are made with the example's own."""
    scorer: Scorer = create(task, json.loads(params), seed=0).dataset.score_answer
    return scorer


def _entry(example: Example) -> dict[str, Any]:
    """The reasoning-gym entry: kept with the example, or drawn again from its stream."""
    meta = example.meta
    if "entry" in meta:
        return {"question": question_of(example), **meta["entry"]}
    entry = _redraw(meta["task"], json.dumps(meta["params"]), meta["stream"], meta["index"])
    if entry["question"] != question_of(example):
        raise DataError.one(example.id, "drawn again, it is another problem", "make the data anew")
    return entry


@lru_cache(maxsize=4096)
def _redraw(task: str, params: str, stream: int, index: int) -> dict[str, Any]:
    return create(task, json.loads(params), stream).draw(index)
