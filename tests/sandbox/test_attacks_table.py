"""The table in the documentation says what the tests test."""

import re
from pathlib import Path

import pytest

from reasoning_lab.sandbox import filter as seccomp
from sandbox.attacks import ALL, AS_ROOT
from sandbox.attacks_table import PAGE, page

HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
# Newer than the headers of some distributions.
NEW = {"fchmodat2", "setxattrat", "removexattrat", "open_tree_attr", "statmount", "listmount"}


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python tests/sandbox/attacks_table.py"


def test_names_are_distinct() -> None:
    names = {attack.name for attack in ALL}
    assert len(names) == len(ALL)
    assert names >= AS_ROOT


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_are_the_kernels(machine: str) -> None:
    """The filter's table against the kernel's own headers, where they are installed."""
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"no {header}: apt install linux-libc-dev")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(encoding="utf-8"))
    theirs = {name: int(number) for name, number in found}
    ours = seccomp.numbers(machine)
    wrong = {
        name: (number, theirs.get(name))
        for name, number in ours.items()
        if theirs.get(name) != number and not (name in NEW and name not in theirs)
    }
    assert not wrong
