"""A reward term: a pure function, and what it may declare about itself.

A reward is `fn(completion, example, **params)` and returns a float, None, or a `Judgement`. With
`@per_group` it is `fn(completions, example, **params)`, called once for all completions of one
problem, and with `@per_batch` `fn(rows, **params)`, called once for all rows of a batch that it
judges, each a (completion, example); both return a list of as many. What the lab gives it besides
its parameters it takes by a keyword-only argument:

- `parts`: what the other terms said of the row, a mapping of name to value (for several rows a list
  of them): of every term that takes no `parts` itself, and of those that it names in a parameter
  declared with `@reads`;
- `sandboxes`: those of the run, in which programs are judged.

It is named `module:function` (`schema.functions`): of the lab itself, of an installed package's
entry point in the group `reasoning_lab.rewards`, or of a file under `experiments/`.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from reasoning_lab.errors import Problem
from reasoning_lab.schema.functions import load
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.example import Completion, Example, Verdict

GROUP = "reasoning_lab.rewards"
PARTS, SANDBOXES = "parts", "sandboxes"
RATE = "_rate"
"""The end of the name of what a term saw in a row or did not."""

Unit = Literal["row", "group", "batch"]
"""What a term judges with one call."""

RewardFn = Callable[..., Any]
RowCheck = Callable[[Example], str]
Rows = Sequence[tuple[Completion, Example]]
Parts = Mapping[str, "float | None"]
F = TypeVar("F", bound=RewardFn)
_FIRST: dict[Unit, tuple[str, ...]] = {
    "row": ("completion", "example"),
    "group": ("completions", "example"),
    "batch": ("rows",),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a term found of a row, where its value alone does not say it.

    `value` is finite, or None where the term does not apply. `verdict` is counted in the metrics
    and `reason`, in words, shown with it. `seen` are numbers by name, the same names for every row;
    one whose name ends in `_rate` is 0 or 1. Training logs their means over a batch, and
    stage=score counts. `seconds`: how long the row took in a `@per_batch` term; None: not known.
    """

    value: float | None
    verdict: Verdict | None = None
    reason: str = ""
    seen: Mapping[str, float] = field(default_factory=dict)
    seconds: float | None = None


Said = Judgement | float | None


def value_of(said: Said) -> float | None:
    """The value alone."""
    return said.value if isinstance(said, Judgement) else said


def row_check(check: RowCheck) -> Callable[[F], F]:
    """Declare what a term needs of a row: `check(example)` says why it cannot judge it, or "".

    Another term may judge such a row. A row that is wrong in itself is a DataError.
    """
    return _declare("row_check", check)


def row_note(note: RowCheck) -> Callable[[F], F]:
    """Declare what a term reads of a row otherwise than it stands: `note(example)` says how, or
    "". The rows of each note are counted and told once, when the data is checked.
    """
    return _declare("row_note", note)


def yes_no(*, unless: str = "") -> Callable[[F], F]:
    """Declare that a term's values are 0.0, 1.0 or None and nothing between, unless the parameter
    that `unless` names is true; its mean is then a share, with a share's interval.
    """
    return _declare("yes_no", unless)


def within(low: float, high: float) -> Callable[[F], F]:
    """Declare that a term's values lie in [low, high], whatever its parameters; intervals of its
    mean then end there. A `yes_no` term lies in [0, 1] without saying so.
    """
    return _declare("within", (low, high))


def per_group(fn: F) -> F:
    """Declare that a term judges all completions of one problem together: it is called as
    `fn(completions, example, **params)` and returns one value a completion, in their order.
    """
    return _declare("unit", "group")(fn)


def per_batch(fn: F) -> F:
    """Declare that a term is quicker with many rows at once: it is called as `fn(rows, **params)`
    with all rows of a batch that it judges and returns one value a row, in their order.
    """
    return _declare("unit", "batch")(fn)


def reads(*params: str) -> Callable[[F], F]:
    """Declare which parameters hold the name of another term, found in `parts`."""
    return _declare("reads", params)


def calls(param: str) -> Callable[[F], F]:
    """Declare which parameter names a function, `module:function`, that the term calls."""
    return _declare("calls", param)


def _declare(name: str, said: object) -> Callable[[F], F]:
    def declare(fn: F) -> F:
        vars(fn)[name] = said
        return fn

    return declare


def takes(fn: RewardFn, name: str) -> bool:
    """Whether a term is given `PARTS`, the values of the others, or `SANDBOXES`."""
    argument = inspect.signature(fn).parameters.get(name)
    return argument is not None and argument.kind is inspect.Parameter.KEYWORD_ONLY


def resolve(name: str, key: str = "reward.terms") -> RewardFn:
    """The function `module:function`; `key` is the configuration key of its term.

    Raises ConfigError if the name is not allowed, not found, or not a plain function.
    """
    return load(f"{key}.fn", name, group=GROUP, files=True)


def check_signature(fn: RewardFn, params: Mapping[str, Any], key: str) -> list[Problem]:
    """What is wrong with calling `fn(completion, example, **params)`; empty if nothing."""
    arguments = list(inspect.signature(fn).parameters.values())
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    first = _FIRST[vars(fn).get("unit", "row")]
    if len([a for a in arguments[: len(first)] if a.kind in positional]) < len(first):
        taken = ", ".join(first)
        what = f"{fn.__name__}{inspect.signature(fn)} does not take ({taken})"
        cure = f"write def fn({taken}, *, your_param): ..."
        if "completions" in inspect.signature(fn).parameters:
            own = f"{fn.__module__}:{fn.__name__}"
            cure = f"as in TRL: +reward/term@{key}=trl {key}.params.fn={own}; or {cure}"
        return [Problem(f"{key}.fn", what, cure)]
    named = {
        a.name: a
        for a in arguments[len(first) :]
        if a.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    }
    given = [name for name in (PARTS, SANDBOXES) if takes(fn, name)]
    problems = []
    for name in given:
        del named[name]
        if name in params:
            where = f"{key}.params.{name}"
            problems.append(Problem(where, "is given by the lab, not a setting", f"drop {where}"))
    if not any(a.kind is inspect.Parameter.VAR_KEYWORD for a in arguments):
        for name in params.keys() - named.keys() - set(given):
            what = f"{fn.__name__} takes no parameter {name!r}"
            problems.append(Problem(f"{key}.params.{name}", what, did_you_mean(name, list(named))))
    for name, argument in named.items():
        if argument.default is inspect.Parameter.empty and name not in params:
            what = f"{fn.__name__} needs the parameter {name!r}"
            problems.append(Problem(f"{key}.params.{name}", what, f"add +{key}.params.{name}=..."))
    return sorted(problems, key=lambda problem: problem.where)
