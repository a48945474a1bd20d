"""Composition of `conf/` by Hydra, with everything wrong told at once."""

from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from reasoning_lab.cli.overrides import (
    COMPOSITION_ERRORS,
    as_choice,
    flatten,
    misplaced,
    parse,
    said,
)
from reasoning_lab.cli.words import long_form, readable
from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.schema.resolvers import register
from reasoning_lab.schema.vocabulary import conf_dir

NO_PRESET = ("experiment=null", "debug=null", "pipeline=null")
CONFIG_NAME = "config"
VERSION_BASE = "1.3"
# Here, because whoever composes imports this module: Hydra's own jobs in other processes too.
register()


def compose(overrides: Sequence[str] = ()) -> dict[str, Any]:
    """What the command line with these overrides composes: resolved, not yet checked.

    Raises ConfigError with the problem of every override that cannot be composed.
    """
    plain, problems = attempt(overrides)
    if problems:
        raise ConfigError(*problems)
    return plain


def attempt(overrides: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    """The configuration of all overrides that compose, and the problems of those that do not.

    A mistyped choice is replaced by the one it resembles, so that the settings of that choice
    can still be looked at. Values are applied by Hydra's own function, one at a time, to what
    the choices compose: the same result as by Hydra in one go, but past the first error.
    """
    read, problems = parse(written_out(overrides))
    kept, values, lost = _sorted(read, problems)
    try:
        config = deepcopy(_from_choices(tuple(kept)))
    except COMPOSITION_ERRORS as error:
        return {}, [*problems, said(error)]
    for override in values:
        key = str(override.key_or_group)
        if any(key == place or key.startswith(f"{place}.") for place in lost):
            continue
        unresolved = OmegaConf.to_container(config, resolve=False)
        assert isinstance(unresolved, dict)
        if problem := misplaced(override, flatten(unresolved)) or _apply(override, config):
            problems.append(problem)
    try:
        return plain(config), problems
    except COMPOSITION_ERRORS as error:
        return {}, [*problems, said(error)]


def written_out(overrides: Sequence[str]) -> list[str]:
    """The overrides with short words in their long form and quotes where needed: `words.py`.

    What chooses no preset is left out: it is so by default, and Hydra knows no such choice.
    """
    chosen = [readable(one) for one in overrides if one not in NO_PRESET]
    return long_form(chosen, lambda: _kind(chosen))


def _kind(overrides: Sequence[str]) -> str:
    """The verb that the choices among the overrides compose; "" where they do not compose."""
    kept = _sorted(parse(overrides)[0], [])[0]
    try:
        return str(_from_choices(tuple(kept)).stage.kind)
    except COMPOSITION_ERRORS:
        return ""


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain, resolved dicts and lists."""
    resolved = OmegaConf.to_container(config, resolve=True, throw_on_missing=False)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items() if key != "hydra"}


def _sorted(
    read: Sequence[Override], problems: list[Problem]
) -> tuple[list[str], list[Override], list[str]]:
    """Choices to compose, values to apply, and places whose choice is beyond guessing."""
    kept: list[str] = []
    values: list[Override] = []
    lost: list[str] = []
    for override in read:
        choice = as_choice(override)
        if choice is None:
            values.append(override)
            continue
        if choice.problem:
            problems.append(choice.problem)
        if choice.meant is None:
            lost.append(choice.package)
        else:
            kept.append(choice.meant)
    return kept, values, lost


@lru_cache(maxsize=256)
def _from_choices(kept: tuple[str, ...]) -> DictConfig:
    """Compose the choices; kept, because the jobs of a sweep mostly differ in values only."""
    if GlobalHydra.instance().is_initialized():  # inside Hydra's own application
        return hydra_compose(CONFIG_NAME, overrides=list(kept))
    with initialize_config_dir(config_dir=str(conf_dir()), version_base=VERSION_BASE):
        return hydra_compose(CONFIG_NAME, overrides=list(kept))


def _apply(override: Override, config: DictConfig) -> Problem | None:
    # Hydra has no public way to apply a setting to what is composed already. `pyproject.toml` keeps
    # it below 1.4, and tests/door/test_composition.py holds the outcome against Hydra's own.
    try:
        ConfigLoaderImpl._apply_overrides_to_config([override], config)
    except COMPOSITION_ERRORS as error:
        return said(error, str(override.key_or_group))
    return None
