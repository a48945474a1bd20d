"""A user's own reward file, for the tests of rewards."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder with experiments/mine.py, as a user has it; the module's name."""
    (tmp_path / "experiments").mkdir()
    shutil.copy(Path(__file__).parent / "user_rewards.py", tmp_path / "experiments" / "mine.py")
    monkeypatch.chdir(tmp_path)
    yield "experiments.mine"
    sys.modules.pop("experiments.mine", None)
