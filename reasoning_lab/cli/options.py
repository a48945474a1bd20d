"""Arguments that are no settings: Hydra's options, and what is wrong with them."""

import argparse
from collections.abc import Mapping, Sequence

from hydra._internal.utils import get_args_parser

from reasoning_lab.errors import Problem
from reasoning_lab.schema.suggest import near

# Each of them says what to do with the configuration; Hydra takes one.
MODES = {"--run": "-r", "--multirun": "-m", "--cfg": "-c", "--info": "-i"}
FOLDERS = ("hydra.run.", "hydra.sweep.", "hydra.output_subdir", "hydra.job.chdir")
"""Where Hydra would write; the lab makes its run folders itself."""


def problems(arguments: Sequence[str]) -> list[Problem]:
    """What is wrong with the options among the arguments, or with settings written like options."""
    given = [argument.partition("=")[0] for argument in arguments]
    found = [*_not_options(arguments), *_not_values(arguments)]
    modes = [mode for mode, short in MODES.items() if mode in given or short in given]
    if len(modes) > 1:
        last = [one for one in given if one in (*MODES, *MODES.values())][-1]
        what = f"{' and '.join(modes)} are two things at once"
        cure = "one job of a sweep is shown by --cfg job with that job's values, without -m"
        found.append(
            Problem(last, what, cure if {"--multirun", "--cfg"} <= {*modes} else "leave one out")
        )
    found += [
        Problem(
            name, "is not for this lab, which makes its run folders itself", "use output=FOLDER"
        )
        for name in dict.fromkeys(name.lstrip("+~") for name in given)
        if name.startswith(FOLDERS)
    ]
    return found


def options_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Options and overrides: Hydra's parser takes all of both only when the options stand first.

    >>> options_first(["seed=0,1", "-m", "output=x", "--cfg", "job"])
    (['-m', '--cfg', 'job'], ['seed=0,1', 'output=x'])
    """
    options = _options()
    front: list[str] = []
    rest: list[str] = []
    waiting = list(reversed(arguments))
    while waiting:
        argument = waiting.pop()
        if not argument.startswith("-"):
            rest.append(argument)
            continue
        front.append(argument)
        action = options.get(argument)
        if action is None or not waiting:
            continue
        takes_any, may_take = action.nargs is None, action.nargs == "?"
        if takes_any or (may_take and waiting[-1] in (action.choices or ())):
            front.append(waiting.pop())
    return front, rest


def _options() -> Mapping[str, argparse.Action]:
    """Hydra's own options by their spellings."""
    # Neither Hydra nor argparse tells them in public; `pyproject.toml` keeps Hydra below 1.4.
    options: dict[str, argparse.Action] = get_args_parser()._option_string_actions
    return options


def _not_options(arguments: Sequence[str]) -> list[Problem]:
    """Settings written as options, which Hydra's own parser would answer with its usage."""
    options = _options()
    found = []
    for argument in arguments:
        name, given, _ = argument.partition("=")
        abbreviated = name.startswith("--") and any(o.startswith(name) for o in options)
        if not name.startswith("-") or name in options or abbreviated:
            continue
        if name.startswith("--") or given:
            line = argument.lstrip("-") + ("" if given else "=VALUE")
            found.append(Problem(argument, "settings are written without dashes", f"write {line}"))
        else:
            cure = "python -m reasoning_lab --help names the flags"
            found.append(Problem(argument, "there is no such flag", cure))
    return found


def _not_values(arguments: Sequence[str]) -> list[Problem]:
    """Options that take one of a few words, and have none or another."""
    options = _options()
    found = []
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, given, value = argument.partition("=")
        action = options.get(name)
        if action is None or action.choices is None:
            continue
        known = list(map(str, action.choices))
        word = value if given else following
        optional = action.nargs == "?" and not given and word not in known
        if word not in known and not optional:
            what = f"takes {' or '.join(known)}" + (f", got {word!r}" if word else "")
            cure = f"write {name} {[*near(word, known), *known][0]}"
            found.append(Problem(name, what, cure))
    return found
