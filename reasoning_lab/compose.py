"""Composition of `conf/` by Hydra, without the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import DictConfig, OmegaConf

CONFIG_NAME = "config"
VERSION_BASE = "1.3"


def conf_dir() -> Path:
    """The folder of YAML choices: the checkout's `conf/`, or the copy inside an installed wheel."""
    package = Path(__file__).resolve().parent
    inside, beside = package / "conf", package.parent / "conf"
    return inside if inside.is_dir() else beside


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain, resolved dicts and lists."""
    resolved = OmegaConf.to_container(config, resolve=True, throw_on_missing=False)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items()}


def compose(overrides: Sequence[str] = ()) -> dict[str, Any]:
    """What the command line with these overrides would compose, resolved but not yet checked.

    Raises Hydra's own exceptions for an unknown choice or key.
    """
    with initialize_config_dir(config_dir=str(conf_dir()), version_base=VERSION_BASE):
        return plain(hydra_compose(CONFIG_NAME, overrides=list(overrides)))
