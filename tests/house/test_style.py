"""print, blind except, TODO, missing docstrings …: ruff's rules, chosen in pyproject.toml."""

import subprocess
import sys

from source import ROOT, tracked


def _ours() -> list[str]:
    """What is checked; of `experiments/`, where one tries things, only what git knows."""
    return ["reasoning_lab", "tests", *map(str, tracked("experiments/*.py"))]


def test_ruff_finds_nothing() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=concise", *_ours()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_rule_is_silenced_without_a_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "reasoning_lab").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.rstrip().endswith(("# noqa", "# type: ignore"))
    ]
    assert not bare, "name the rule: # noqa: BLE001"
