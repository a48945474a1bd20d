"""The places for keepers of a sandbox: who uses a keeper holds its place, and always gives it back.

A place is empty until somebody needs it, and again once its keeper is lost or closed. So the number
of places never changes, whatever goes wrong, and who waits for one gets it.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.walls import Walls


class Workers:
    """`count` places for keepers with `modules` loaded. Threads may share them."""

    def __init__(self, count: int, modules: Sequence[str]) -> None:
        self.count = count
        self.modules = modules
        self.doors: set[Door] = set()
        self._lock = threading.Lock()
        self._free: queue.LifoQueue[Door | None] = queue.LifoQueue()
        for _ in range(count):
            self._free.put(None)

    def borrow(self, walls: Walls, wait: bool = True) -> Door:
        """A keeper behind `walls`, started if need be.

        Raises `queue.Empty` where none is free and none is to be waited for, and `SandboxError`
        where it cannot be started.
        """
        door = self._free.get(wait)
        if door is not None:
            return door
        try:
            door = Door(walls, self.modules)
        except BaseException:
            self._free.put(None)
            raise
        with self._lock:
            self.doors.add(door)
        return door

    def idle(self) -> list[Door]:
        """Borrow every keeper that runs and is free."""
        found: list[Door | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._free.get_nowait())
        for _ in range(found.count(None)):
            self._free.put(None)
        return [door for door in reversed(found) if door is not None]

    def spare(self, walls: Walls, most: int) -> list[Door]:
        """Borrow every keeper that is free, and further ones up to `most` where they can start."""
        doors = self.idle()
        try:
            # Who cannot start now is asked again, and says why, when there is a program to run.
            with contextlib.suppress(queue.Empty, SandboxError):
                while len(doors) < most:
                    doors.append(self.borrow(walls, wait=False))
        except BaseException:
            for door in doors:
                self.give_back(door)
            raise
        return doors

    def give_back(self, door: Door, usable: bool = True) -> None:
        """Return a keeper; one that is not usable any more, or was closed meanwhile, is ended."""
        with self._lock:
            kept = usable and door in self.doors
            if not kept:
                self.doors.discard(door)
        try:
            if not kept:
                door.end()
        finally:
            self._free.put(door if kept else None)

    @contextlib.contextmanager
    def lent(self, door: Door) -> Iterator[Door]:
        """Use a borrowed keeper and give it back, as unusable where that raised."""
        try:
            yield door
        except BaseException:
            self.give_back(door, usable=False)
            raise
        self.give_back(door)

    def close(self) -> None:
        """End every keeper, those in use too; their places are free for new ones."""
        idle = self.idle()
        with self._lock:
            doors, self.doors = self.doors, set()
        for _ in idle:
            self._free.put(None)
        for door in doors:
            door.end()

    def disown(self) -> None:
        """In a forked child of this process: let go of what is not its own."""
        for door in self.doors:
            door.disown()
