"""What every test runs under, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Nothing here may reach a hub or a tracker's server, whatever the caller's shell has set.
# Set before any test module is imported: some libraries read these at import.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["WANDB_MODE"] = "offline"
os.environ.pop("WANDB_API_KEY", None)
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# Folders of tests that import torch, lightest first; they run after all others.
HEAVY = ("track", "model", "worker", "stages", "smoke")
TESTS = Path(__file__).parent


def _folder(path: Path) -> str:
    parts = path.relative_to(TESTS).parts
    return parts[0] if len(parts) > 1 else ""


def _weight(item: pytest.Item) -> tuple[bool, int]:
    folder = _folder(item.path)
    slow = item.get_closest_marker("slow") is not None
    return slow, HEAVY.index(folder) if folder in HEAVY else -1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only tests that need no torch")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole folders: merely collecting them would import torch."""
    if config.getoption("--fast") and collection_path.parent == TESTS:
        return collection_path.name in HEAVY or None
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Quick answers first: light folders, then torch, then whole runs."""
    items.sort(key=_weight)
    if config.getoption("--fast"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
