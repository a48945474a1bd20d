"""The hash that says two runs are the same experiment."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from reasoning_lab.schema.run import Run

# These change where a run is kept and watched, never what it computes.
IGNORED = frozenset({"resume", "output", "group", "tracker"})


def config_hash(run: Run) -> str:
    """12 hex digits of the SHA-256 of all that decides the run's outcome (see `IGNORED`)."""
    return plain_hash(run.model_dump(mode="json"))


def plain_hash(plain: Mapping[str, Any]) -> str:
    """`config_hash` of the content of `run.json`, in whichever order its keys stand."""
    kept = {key: value for key, value in plain.items() if key not in IGNORED}
    if isinstance(kept.get("model"), Mapping):
        # Only ever used to estimate time and memory.
        kept["model"] = {k: v for k, v in kept["model"].items() if k != "parameters"}
    return hash_of(kept)


def hash_of(plain: Mapping[str, Any]) -> str:
    """12 hex digits of the SHA-256 of JSON values, in whichever order their keys stand.

    >>> hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1})
    True
    """
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
