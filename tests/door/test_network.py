"""The hub, asked before torch is loaded: a server that is there, and several ways of none."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reasoning_lab.cli import network
from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.network import out_of_reach
from reasoning_lab.schema.door import check

REAL = ["stage=evaluate", "model=qwen2_5_0_5b", "data=gsm8k"]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An address that takes connections; the cache is empty and the network is asked."""
    network._unreachable.cache_clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    network._unreachable.cache_clear()


def asked(*overrides: str) -> list[str]:
    return [one.where for one in out_of_reach(check(compose(overrides)))]


def test_a_hub_that_answers_is_no_problem(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    assert asked(*REAL) == []


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://no.such.host.invalid"])
def test_no_network(
    hub: str, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    assert asked(*REAL) == ["model.path", "data.hub"]
    assert asked("stage=score", "score.path=x", "model=qwen2_5_0_5b") == []
    assert asked("stage=grpo") == []  # nothing of the hub's
    folder = tmp_path / "hub/models--Qwen--Qwen2.5-0.5B-Instruct/snapshots/abc"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", "utf-8")
    assert asked(*REAL) == ["data.hub"]
    assert asked(*REAL, f"data.path={tmp_path}") == []


def test_offline_only_the_cache_counts(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_ENDPOINT", hub)
    assert asked(*REAL) == ["model.path"]


def test_a_name_that_is_looked_up_for_long_is_given_up(
    hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "SECONDS", 0.1)
    monkeypatch.setattr(network, "_connect", lambda *asked: time.sleep(5))
    assert "0.1 s" in network._unreachable("http://slow.invalid")


def test_the_command_is_refused_before_torch_and_leaves_nothing(tmp_path: Path) -> None:
    env = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
    env |= {"HF_HOME": str(tmp_path / "home"), "NO_PROXY": "*"}
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reasoning_lab", *REAL],
        cwd=work, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "\n  model.path: " in done.stderr
    assert "\n  data.hub: " in done.stderr
    assert " torch\n" not in done.stderr
    assert list(work.iterdir()) == []
