"""The door: a plain configuration goes in, a checked `Run` comes out, or every problem at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.schema.run import Run


def check(plain: dict[str, Any]) -> Run:
    """The run that `plain` describes.

    Raises ConfigError with all problems: types, ranges, unknown keys, rules between fields.
    """
    try:
        return Run.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        raise ConfigError(
            *(
                Problem(".".join(str(part) for part in item["loc"]), item["msg"])
                for item in error.errors()
            )
        ) from None


def load(path: Path) -> Run:
    """The run written in `run.json`, through the same door."""
    return check(json.loads(path.read_text(encoding="utf-8")))
