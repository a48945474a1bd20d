"""No attack gets through any walls that claim to stop it, or leaves a process behind.

And the worker still works afterwards.
"""

import contextlib
from collections.abc import Iterator

import pytest

from reasoning_lab.sandbox import runner
from reasoning_lab.sandbox.attack import Attack, got_through
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job, Limits
from sandbox.aims import aims
from sandbox.attacks import ALL
from sandbox.levels_here import WALLS, missing
from sandbox.remains import of_keeper

SIZE = Limits().files_mb * 2**20


@pytest.fixture(scope="module", params=WALLS)
def level(request: pytest.FixtureRequest) -> Iterator[tuple[str, Door]]:
    """A running keeper behind one kind of walls."""
    name = request.param
    if why := missing(name):
        pytest.skip(f"NOT TESTED HERE: {name}: {why}")
    with contextlib.ExitStack() as stack:
        door = Door(WALLS[name])
        stack.callback(door.end)
        yield name, door


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_is_stopped(level: tuple[str, Door], attack: Attack) -> None:
    name, door = level
    before = of_keeper(door)
    with aims() as there:
        outcome = runner.run(door, door.take(SIZE), attack.job(there))
        assert of_keeper(door) == before
        if attack.stopped(WALLS[name]):
            assert not got_through(outcome, there, attack.lasts), outcome
    honest = runner.run(door, door.take(SIZE), Job("print(6 * 7)"))
    assert honest.stdout == "42\n", honest
    assert len(door.alive) == 0
