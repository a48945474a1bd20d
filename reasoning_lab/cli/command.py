"""The command line behind `python -m reasoning_lab`: compose, check, begin.

One run is composed here in one go (`compose.attempt`): Hydra's own main would compose it twice
and stop at the first mistake. Everything that carries a flag (`--cfg job`, `-m`, …) or
changes Hydra's own settings goes through `@hydra.main`.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from reasoning_lab.cli.compose import CONFIG_NAME, VERSION_BASE, attempt, plain, written_out
from reasoning_lab.cli.overrides import COMPOSITION_ERRORS, said
from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.schema.vocabulary import conf_dir

INTERRUPTED = 130
STOPPED = (130, 143)
FULL_ERROR = "HYDRA_FULL_ERROR"
"""Set to 1 by a user who wants Hydra's own traceback."""


def command(arguments: Sequence[str]) -> int:
    """Run a command line; return its exit status.

    0: done; 1: a run failed; 2: refused, with every problem told; 130 or 143: stopped.
    """
    try:
        if wrong := _no_options(arguments):
            raise ConfigError(*wrong)
        if any(argument.startswith(("-", "hydra")) for argument in arguments):
            return _through_hydra(arguments)
        composed, problems = attempt(arguments)
        return run_one(composed, problems)
    except LabError as error:
        return _refused(error)
    except KeyboardInterrupt:
        return INTERRUPTED


def run_one(
    composed: dict[str, Any],
    problems: Sequence[Problem] = (),
    *,
    parent: Path | None = None,
    job: int = 0,
) -> int:
    """Check a composed configuration, make its folder, show the plan, run the worker.

    `parent` is a sweep's folder and `job` the number in it. Raises LabError when refused.
    """
    from reasoning_lab.schema.door import check

    try:
        run = check(composed) if composed else None
    except ConfigError as error:
        raise ConfigError(*dict.fromkeys([*problems, *error.problems])) from None
    if problems or run is None:
        raise ConfigError(*problems)
    from reasoning_lab.cli.begin import begin

    return begin(run, parent=parent, job=job)


@hydra.main(  # type: ignore[untyped-decorator]  # Hydra brings no types
    version_base=VERSION_BASE, config_path=str(conf_dir()), config_name=CONFIG_NAME
)
def application(config: DictConfig) -> int:
    """One job as Hydra calls it: a job of a sweep, or a run with settings for Hydra itself."""
    settings = HydraConfig.get()
    composed = plain(config)
    sweep = settings.mode == RunMode.MULTIRUN
    folder = Path(settings.sweep.dir) if sweep else None
    if folder:
        composed["group"] = composed["group"] or folder.name
    try:
        status = run_one(composed, parent=folder, job=settings.job.num if sweep else 0)
    except LabError as error:
        status = _refused(error)
    if not sweep:
        raise SystemExit(status)  # Hydra drops what this function returns
    if status in STOPPED:
        raise KeyboardInterrupt  # the user stopped the sweep, not this job alone
    return status


def _refused(error: LabError) -> int:
    # rich takes 40 ms to import, which what is not refused need not wait for.
    from reasoning_lab.report.text.problems import refuse

    return refuse(error)


def _through_hydra(arguments: Sequence[str]) -> int:
    options, overrides = options_first(arguments)
    try:
        with _as_hydras_own([*options, *written_out(overrides)]):
            application()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except COMPOSITION_ERRORS as error:
        if os.environ.get(FULL_ERROR) == "1":
            raise
        problems = attempt([one for one in overrides if not one.startswith("hydra")])[1]
        raise ConfigError(*(problems or [said(error)])) from None
    return 0


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


def _no_options(arguments: Sequence[str]) -> list[Problem]:
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
    return found


@contextmanager
def _as_hydras_own(arguments: Sequence[str]) -> Iterator[None]:
    """Let Hydra read these arguments as the command line, and raise instead of printing."""
    line, full_error = sys.argv, os.environ.get(FULL_ERROR)
    sys.argv = [line[0], *arguments]
    os.environ[FULL_ERROR] = "1"
    try:
        yield
    finally:
        sys.argv = line
        del os.environ[FULL_ERROR]
        if full_error is not None:
            os.environ[FULL_ERROR] = full_error
