"""Values in `conf/` that follow other values: `${warmup:…}`, `${made:…}` and `${local_or:…}`.

They are filled in when the configuration is composed, so that `run.json` holds plain numbers and a
default still stands in its YAML file alone.
"""

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf


def register() -> None:
    """Make the resolvers known to OmegaConf; again where they are known already."""
    OmegaConf.register_new_resolver("warmup", warmup, replace=True)
    OmegaConf.register_new_resolver("made", made, replace=True)
    OmegaConf.register_new_resolver("local_or", local_or, replace=True)


def warmup(wanted: int, max_steps: Any) -> int:
    """Warm-up steps: `wanted`, but no more than half of a run of `max_steps`.

    A `max_steps` that is no number is left to the door, which says so by its own key.

    >>> warmup(10, 200), warmup(10, 4)
    (10, 2)
    """
    return min(wanted, max(0, max_steps // 2)) if isinstance(max_steps, int) else wanted


def made(wanted: int, kind: str) -> int | None:
    """`wanted` problems of data that are made on the fly; None, which is all, of rows of a file.

    `kind` is `data.kind`. Rows, of a file or a run, are read whole anyway, and may be fewer than
    `wanted`.

    >>> made(64, "procedural"), made(64, "rows")
    (64, None)
    """
    return None if kind in ("rows", "from_run") else wanted


def local_or(folder: str, hub: str) -> str:
    """The folder of a model where one is there, below the place where the command is given; else
    its id on the hub.

    >>> local_or("models/of_nobody", "HuggingFaceTB/SmolLM2-135M-Instruct")
    'HuggingFaceTB/SmolLM2-135M-Instruct'
    """
    return folder if (Path(folder) / "config.json").is_file() else hub
