"""The command line behind `python -m reasoning_lab`: compose, check, begin.

One run is composed here in one go (`compose.attempt`): Hydra's own main would compose it twice
and stop at the first mistake. Everything that carries a flag (`--cfg job`, `-m`, …) or
changes Hydra's own settings goes through `@hydra.main`.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from reasoning_lab.cli import options
from reasoning_lab.cli.compose import CONFIG_NAME, VERSION_BASE, attempt, plain, written_out
from reasoning_lab.cli.overrides import COMPOSITION_ERRORS, said
from reasoning_lab.cli.words import joined
from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.schema.vocabulary import conf_dir, groups

INTERRUPTED = 130
STOPPED = (130, 143)
FULL_ERROR = "HYDRA_FULL_ERROR"
"""Set to 1 by a user who wants Hydra's own traceback."""


def command(arguments: Sequence[str]) -> int:
    """Run a command line; return its exit status.

    0: done; 1: a run failed; 2: refused, with every problem told; 130 or 143: stopped.
    """
    try:
        arguments, wrong = joined(arguments)
        if is_of_a_pipeline(arguments):
            from reasoning_lab.cli.pipeline import run_pipeline

            if wrong:
                raise ConfigError(*wrong)
            return run_pipeline(arguments)
        wrong += options.problems(arguments)
        through_hydra = any(one.startswith(("-", "hydra")) for one in arguments)
        if through_hydra and wrong:
            raise ConfigError(*wrong)
        if through_hydra:
            return _through_hydra(arguments)
        composed, problems = attempt(arguments)
        return run_one(composed, [*wrong, *problems])
    except LabError as error:
        return _refused(error)
    except KeyboardInterrupt:
        return INTERRUPTED


def is_of_a_pipeline(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for a pipeline, `pipeline=NAME`."""
    heads = [one.partition("=")[0] for one in arguments if one != "pipeline=null"]
    return any(head.partition(".")[0] == "pipeline" for head in heads)


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

    found, run = dict.fromkeys(problems), None
    try:
        run = check(composed) if composed else None
    except ConfigError as error:
        found |= dict.fromkeys(error.problems)
    if found or run is None:
        from reasoning_lab.cli.needs import besides

        raise ConfigError(*found, *besides(composed, found))
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
    flags, overrides = options.options_first(arguments)
    try:
        with _as_hydras_own([*flags, *written_out(overrides)]):
            application()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except COMPOSITION_ERRORS as error:
        if os.environ.get(FULL_ERROR) == "1":
            raise
        problems = attempt(_own(overrides))[1]
        raise ConfigError(*(problems or [said(error)])) from None
    _tell_what_is_unchecked(flags, overrides)
    return 0


def _own(arguments: Sequence[str]) -> list[str]:
    """The settings that are the lab's."""
    overrides = options.options_first(arguments)[1]
    return [one for one in overrides if not one.lstrip("+~").startswith("hydra")]


def _tell_what_is_unchecked(flags: Sequence[str], overrides: Sequence[str]) -> None:
    """Of a configuration that was shown: what the door would say to it, which was not asked."""
    told = [one for one in overrides if one.partition("=")[0] not in groups()]
    # Choices alone are right as they compose, and importing the door takes as long as composing.
    if not told or not {"--cfg", "-c"} & {*flags}:
        return
    from reasoning_lab.schema.door import check

    composed, problems = attempt(_own(overrides))
    try:
        if composed:
            check(composed)
    except ConfigError as error:
        problems += error.problems
    if problems:
        sys.stderr.write("This was composed and not checked; as a run it would be refused.\n")
        _refused(ConfigError(*dict.fromkeys(problems)))


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
