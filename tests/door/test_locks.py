"""The generated lists of names are those of the installed packages."""

from pathlib import Path

import pytest
from locks import LOCKS, SCHEMA, text

from reasoning_lab.schema import trl_fields


@pytest.mark.slow
@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_true(name: str) -> None:
    written = (SCHEMA / name).read_text(encoding="utf-8")
    assert written == text(LOCKS[name]()), f"run: python {Path('tests/door/locks.py')}"


def test_owned_and_fixed_fields_exist_in_trl() -> None:
    known = {name for names in trl_fields.fields().values() for name in names}
    assert known >= set(trl_fields.OWNERS) | set(trl_fields.FIXED)
