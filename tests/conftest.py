"""What every test runs under, and in which order."""

import os
import re
from pathlib import Path

import hypothesis
import pytest

# Nothing here may reach a hub or a tracker's server, whatever the caller's shell has set.
# Set before any test module is imported: some libraries read these at import.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["WANDB_MODE"] = "offline"
os.environ.pop("WANDB_API_KEY", None)
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# The suite runs in several processes; each one's torch then has a core of its own.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No asserted times: a busy machine is not a bug. On CI the same cases each time.
hypothesis.settings.register_profile("lab", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("lab")

# Folders of tests that import torch, lightest first; they run after all others.
HEAVY = ("track", "model", "worker", "stages", "smoke")
TESTS = Path(__file__).parent
IMPORTS_TORCH = re.compile(r"^\s*(?:import|from) (?:torch|transformers|trl)\b", re.M)


def _folder(path: Path) -> str:
    parts = path.relative_to(TESTS).parts
    return parts[0] if len(parts) > 1 else ""


def _weight(item: pytest.Item) -> tuple[bool, int]:
    folder = _folder(item.path)
    slow = item.get_closest_marker("slow") is not None
    return slow, HEAVY.index(folder) if folder in HEAVY else -1


# Marks of tests that run only when they are asked for, by an option of the same name.
ASKED = ("long", "real")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only tests that need no torch")
    for mark in ASKED:
        parser.addoption(f"--{mark}", action="store_true", help=f"only tests marked {mark!r}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what merely collecting would import torch for."""
    if not config.getoption("--fast"):
        return None
    if collection_path.is_dir():
        return (collection_path.parent == TESTS and collection_path.name in HEAVY) or None
    if collection_path.suffix != ".py":
        return None
    return bool(IMPORTS_TORCH.search(collection_path.read_text(encoding="utf-8"))) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Quick answers first: light folders, then torch, then whole runs."""
    items.sort(key=_weight)
    asked = {mark for mark in ASKED if config.getoption(f"--{mark}")}
    quick = config.getoption("--fast")

    def wanted(item: pytest.Item) -> bool:
        marks = {mark.name for mark in item.iter_markers()}
        kept = bool(marks & asked) if asked else marks.isdisjoint(ASKED)
        return kept and not (quick and "slow" in marks)

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


@pytest.fixture(scope="session")
def code_sandbox() -> None:
    """For tests in which programs are judged."""
    from reasoning_lab.errors import SandboxError
    from reasoning_lab.sandbox.levels import choose

    try:
        choose("auto")
    except SandboxError as error:
        pytest.skip(f"NO SANDBOX HERE, the judge of programs not tried: {error}")
