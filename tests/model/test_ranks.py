"""Ranks meet on this machine whatever it is called, or say within 30 s why they do not."""

import os
import socket
import subprocess
import sys

import pytest
from torch.distributed import TCPStore

from reasoning_lab.cli.compose import compose
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import INTERFACE, command
from reasoning_lab.schema import door

pytestmark = pytest.mark.slow

LIMIT = 30.0  # seconds from the moment at which a rank has imported what it needs
HARDWARE = ["hardware=ddp", "hardware.device=cpu", "hardware.num_processes=2"]
MEET = f"""
import sys, time
from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import LabError
from reasoning_lab.model.ranks import meet
from reasoning_lab.schema import door
hardware = door.check(compose(["tracker=none", *{HARDWARE!r}])).hardware
started = time.monotonic()
try:
    meet(hardware)
    print("met")
except LabError as error:
    print(*(f"{{problem.where}}: {{problem.what}}" for problem in error.problems))
print(time.monotonic() - started)
"""


def rank(number: int, port: int, **environment: str) -> subprocess.Popen[str]:
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(number)}
    return subprocess.Popen(
        [sys.executable, "-c", MEET],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **place, INTERFACE: "lo", **environment},
    )


def said(process: subprocess.Popen[str]) -> str:
    """What a rank came to, within the limit."""
    lines = process.communicate(timeout=280)[0].splitlines()
    assert float(lines[-1]) < LIMIT
    return lines[-2]


@pytest.fixture
def store() -> TCPStore:
    return TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)


def test_ranks_that_are_here_meet(store: TCPStore) -> None:
    both = [rank(number, store.port) for number in (0, 1)]
    assert [said(one) for one in both] == ["met", "met"]


@pytest.mark.parametrize(
    ("ranks", "environment", "cause"),
    [
        ((0,), {}, "rank 1 did not come within 20 s"),
        ((0, 1), {INTERFACE: "nosuch0"}, "Unable to find address for: nosuch0"),
        ((1,), {"MASTER_ADDR": "nosuchhost.invalid"}, "nosuchhost.invalid"),
    ],
)
def test_a_meeting_that_fails_says_why(
    store: TCPStore, ranks: tuple[int, ...], environment: dict[str, str], cause: str
) -> None:
    for one in [rank(number, store.port, **environment) for number in ranks]:
        told = said(one)
        assert told.startswith("hardware.num_processes: ")
        assert cause in told


def test_a_store_that_is_not_there_is_told() -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert "Connection refused" in said(rank(0, port))


def test_no_command_of_ranks_needs_the_name_of_the_host(tmp_path) -> None:
    run = door.check(compose(["tracker=none", *HARDWARE]))
    words = command(run, RunFolder(tmp_path))
    assert "--standalone" not in words  # it would meet on the host's own name
    assert words[words.index("--local-addr") + 1] == "127.0.0.1"
