"""A reward term: a pure function, how its name is resolved, and what it may declare about itself.

A reward is `fn(completion, example, **params) -> float | None`. With `@per_group` it is
`fn(completions, example, **params) -> list[float | None]`, called once for all completions of one
problem. One that takes a keyword-only `parts` is told what the other terms said of the row (a
mapping, name to value; with `@per_group` a list of them): every term that takes no `parts`
itself, and those that it names in a parameter declared with `@reads`.

It is named `module:function` (`schema.functions`): of the lab itself, of an installed package's
entry point in the group `reasoning_lab.rewards`, or of a file under `experiments/`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from reasoning_lab.errors import Problem
from reasoning_lab.judges.math.verify import Judged
from reasoning_lab.schema.functions import load
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.example import Completion, Example

GROUP = "reasoning_lab.rewards"
PARTS = "parts"
RewardFn = Callable[..., Any]
RowCheck = Callable[[Example], str]
Judge = Callable[..., "Judged | None"]
Rows = Sequence[tuple[Completion, Example]]
Prepare = Callable[..., None]
Measure = Callable[..., "Sequence[Mapping[str, float] | None]"]
Timed = Callable[..., "Sequence[float | None]"]
Parts = Mapping[str, "float | None"]
F = TypeVar("F", bound=RewardFn)


def row_check(check: RowCheck) -> Callable[[F], F]:
    """Declare what a term needs of a row: `check(example)` says why it cannot judge it, or "".

    Another term may judge such a row. A row that is wrong in itself is a DataError.
    """

    def declare(fn: F) -> F:
        vars(fn)["row_check"] = check
        return fn

    return declare


def judged_by(judge: Judge) -> Callable[[F], F]:
    """Declare the judge behind a term, whose verdict is then counted in the metrics; it is called
    as `judge(completion, example, **params)`.
    """

    def declare(fn: F) -> F:
        vars(fn)["judge"] = judge
        return fn

    return declare


def prepared_by(prepare: Prepare) -> Callable[[F], F]:
    """Declare what makes a term ready for a batch: `prepare(rows, **params)`, called once for all
    rows of a batch that the term judges, before any of them; it may fill a cache.
    """

    def declare(fn: F) -> F:
        vars(fn)["prepare"] = prepare
        return fn

    return declare


def measured_by(measure: Measure) -> Callable[[F], F]:
    """Declare what a term sees besides its values: `measure(rows, **params)` is called once for all
    rows of a batch that the term judges, after they were scored. It gives numbers by name for each
    row, the same names for all, or None for one that had nothing to be judged by.

    A name that ends in `_rate` is 0 or 1 in each row. Training logs the means of a batch, and
    stage=score counts.
    """

    def declare(fn: F) -> F:
        vars(fn)["measure"] = measure
        return fn

    return declare


def timed_by(timed: Timed) -> Callable[[F], F]:
    """Declare that a term which prepares for a batch knows how long each row took in it:
    `timed(rows, **params)` gives seconds, None for a row that took none.
    """

    def declare(fn: F) -> F:
        vars(fn)["timed"] = timed
        return fn

    return declare


def yes_no(*, unless: str = "") -> Callable[[F], F]:
    """Declare that a term's values are 0.0, 1.0 or None and nothing between, unless the parameter
    that `unless` names is true; its mean is then a share, with a share's interval.
    """

    def declare(fn: F) -> F:
        vars(fn)["yes_no"] = unless
        return fn

    return declare


def within(low: float, high: float) -> Callable[[F], F]:
    """Declare that a term's values lie in [low, high], whatever its parameters; intervals of its
    mean then end there. A `yes_no` term lies in [0, 1] without saying so.
    """

    def declare(fn: F) -> F:
        vars(fn)["within"] = (low, high)
        return fn

    return declare


def per_group(fn: F) -> F:
    """Declare that a term judges all completions of one problem together: it is called as
    `fn(completions, example, **params)` and returns one value a completion, in their order.
    """
    vars(fn)["per_group"] = True
    return fn


def reads(*params: str) -> Callable[[F], F]:
    """Declare which parameters hold the name of another term, found in `parts`."""

    def declare(fn: F) -> F:
        vars(fn)["reads"] = params
        return fn

    return declare


def takes_parts(fn: RewardFn) -> bool:
    """Whether a term is told the values of the others."""
    argument = inspect.signature(fn).parameters.get(PARTS)
    return argument is not None and argument.kind is inspect.Parameter.KEYWORD_ONLY


def resolve(name: str, key: str = "reward.terms") -> RewardFn:
    """The function `module:function`; `key` is the configuration key of its term.

    Raises ConfigError if the name is not allowed, not found, or not a plain function.
    """
    return load(f"{key}.fn", name, group=GROUP, files=True)


def check_signature(fn: RewardFn, params: dict[str, Any], key: str) -> list[Problem]:
    """What is wrong with calling `fn(completion, example, **params)`; empty if nothing."""
    arguments = list(inspect.signature(fn).parameters.values())
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if len([a for a in arguments[:2] if a.kind in positional]) < 2:
        first = "completions" if "per_group" in vars(fn) else "completion"
        what = f"{fn.__name__}{inspect.signature(fn)} does not take ({first}, example)"
        cure = f"write def fn({first}, example, *, your_param): ..."
        return [Problem(f"{key}.fn", what, cure)]
    named = {
        a.name: a
        for a in arguments[2:]
        if a.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    }
    told = takes_parts(fn)
    if told:
        del named[PARTS]
    problems = []
    if told and PARTS in params:
        what = "is what the lab tells the function of the other terms, not a setting"
        problems.append(Problem(f"{key}.params.{PARTS}", what, f"drop {key}.params.{PARTS}"))
        params = {name: value for name, value in params.items() if name != PARTS}
    if not any(a.kind is inspect.Parameter.VAR_KEYWORD for a in arguments):
        for name in params.keys() - named.keys():
            what = f"{fn.__name__} takes no parameter {name!r}"
            problems.append(Problem(f"{key}.params.{name}", what, did_you_mean(name, list(named))))
    for name, argument in named.items():
        if argument.default is inspect.Parameter.empty and name not in params:
            what = f"{fn.__name__} needs the parameter {name!r}"
            problems.append(Problem(f"{key}.params.{name}", what, f"add +{key}.params.{name}=..."))
    return sorted(problems, key=lambda problem: problem.where)
