"""A reward that was written for TRL, `def reward(completions, **kwargs)`, as a term of the lab.

It is called as TRL's trainers call it on chats: with lists, one entry a completion, by name.
`completions` and `prompts` are lists of chat turns; the columns of a row follow, `answer` (also as
`solution`, which TRL's own rewards ask for), `task`, `id`, and what the row's `meta` holds. Not
given: `completion_ids`, `trainer_state`, `log_extra` and `log_metric`, which belong to a trainer,
while this also runs in `stage=score` and in an audit.
"""

import inspect
from functools import cache
from typing import Any

from reasoning_lab.rewards.term import RewardFn, Rows, calls, per_batch, resolve

COLUMNS = ("completions", "prompts", "answer", "solution", "task", "id")


@calls("fn")
@per_batch
def trl_style(rows: Rows, *, fn: str, **settings: Any) -> list[float | None]:
    """What `fn` (`module:function`) returns for the completions: a number or None each.

    `settings` are further keyword arguments of it, the same for every row. Range: that of `fn`.
    Source: TRL, "Using a custom reward function". Raises RuntimeError for another number of
    values than completions.
    """
    given = _columns(rows) | settings
    wanted = inspect.signature(function := _function(fn)).parameters.values()
    if not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in wanted):
        given = {name: given[name] for name in (one.name for one in wanted) if name in given}
    said = list(function(**given))
    if len(said) != len(rows):
        raise RuntimeError(f"{fn} returned {len(said)} values for {len(rows)} completions")
    return said


def problem(function: RewardFn, settings: dict[str, Any]) -> tuple[str, str] | None:
    """What is wrong with `function` as a reward of TRL's kind, and the cure; None if nothing."""
    wanted = inspect.signature(function).parameters
    name = f"{function.__name__}{inspect.signature(function)}"
    if "completions" not in wanted:
        cure = "write def reward(completions, **kwargs); one of the lab's kind is a term of its own"
        return f"{name} takes no `completions`", cure
    if inspect.iscoroutinefunction(function):
        return f"{name} is a coroutine", "write a plain function"
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    known = {*COLUMNS, *settings}
    for one in wanted.values():
        required = one.kind not in kinds and one.default is inspect.Parameter.empty
        if required and one.name not in known:
            what = f"{name} needs {one.name!r}, which is not given here"
            return what, f"give it a default; given are {', '.join(COLUMNS)}, and `params`"
    return None


@cache
def _function(name: str) -> RewardFn:
    return resolve(name, "reward.terms")


def _columns(rows: Rows) -> dict[str, list[Any]]:
    examples = [example for _, example in rows]
    names = dict.fromkeys(name for example in examples for name in example.meta)
    meta = {name: [example.meta.get(name) for example in examples] for name in names}
    answers = [example.answer for example in examples]
    return meta | {
        "completions": [[{"role": "assistant", "content": one.text}] for one, _ in rows],
        "prompts": [[dict(turn) for turn in example.prompt] for example in examples],
        "answer": answers,
        "solution": answers,
        "task": [example.task for example in examples],
        "id": [example.id for example in examples],
    }
