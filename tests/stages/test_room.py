"""Prompts that do not fit are told before anything is measured."""

from pathlib import Path

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import DataError
from reasoning_lab.model.load import Loaded, load
from reasoning_lab.schema.door import check
from reasoning_lab.text.example import Example
from reasoning_lab.training.context import require_room


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    run = check(compose(["hardware=cpu"]))
    return load(run.model, run.hardware, output=Path("none"), seed=0)


def asked(length: int) -> Example:
    return Example(id="1", prompt=({"role": "user", "content": "7 " * length},), answer="1")


@pytest.mark.parametrize(
    ("length", "limit", "cure"),
    [
        (10, 96, None),
        (90, 96, "use LIMIT=[0-9]+, or choose a model with a longer context"),
        (300, 96, "^data: .*choose a model with a longer context.* at most 160 tokens"),
    ],
)
def test_room(loaded: Loaded, length: int, limit: int, cure: str | None) -> None:
    examples = [asked(1), asked(length), asked(2)]
    if cure is None:
        require_room(loaded, examples, limit, "LIMIT")
        return
    with pytest.raises(DataError, match=cure) as caught:
        require_room(loaded, examples, limit, "LIMIT")
    assert "use at most 0" not in str(caught.value)
