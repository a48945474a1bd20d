"""The keepers of a sandbox, which its threads share."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.walls import Walls

# What has ended one keeper, such as a machine out of memory, may be about to end others.
_PAUSE = 0.05  # seconds


class Workers:
    """Up to `count` keepers with `modules` loaded; each is started when there is use for it."""

    def __init__(self, count: int, modules: Sequence[str]) -> None:
        self.count = count
        self.modules = modules
        self.doors: dict[Door, int] = {}  # how many use each
        self._starting = 0
        self._changed = threading.Condition()

    def borrow(self, walls: Walls) -> Door:
        """A keeper behind `walls`: one that nobody uses, else a new one, else the least used.

        Raises `SandboxError` where it cannot be started.
        """
        with self._changed:
            while True:
                self._bury()
                door = min(self.doors, key=lambda each: self.doors[each], default=None)
                room = len(self.doors) + self._starting < self.count
                if door is not None and (not self.doors[door] or not room):
                    self.doors[door] += 1
                    return door
                if room:
                    break
                self._changed.wait()  # until one of those that start is there
            self._starting += 1
        return self._started(walls)

    def _bury(self) -> None:
        """Forget keepers that nobody uses and that something has ended."""
        for door in [door for door, users in self.doors.items() if not users and door.lost]:
            del self.doors[door]
            door.end()

    def _started(self, walls: Walls) -> Door:
        door: Door | None = None
        try:
            door = Door(walls, self.modules)
        finally:
            with self._changed:
                self._starting -= 1
                if door is not None:
                    self.doors[door] = 1
                self._changed.notify_all()
        return door

    def idle(self) -> list[Door]:
        """Borrow every keeper that nobody uses."""
        with self._changed:
            found = [door for door, users in self.doors.items() if not users]
            for door in found:
                self.doors[door] = 1
        return found

    def spare(self, walls: Walls, most: int) -> list[Door]:
        """Borrow every keeper that nobody uses, and new ones up to `most` where they can start."""
        doors = self.idle()
        try:
            # Who cannot start now is asked again, and says why, when there is a program to run.
            with contextlib.suppress(SandboxError):
                while len(doors) < most and self._reserved():
                    doors.append(self._started(walls))
        except BaseException:
            for door in doors:
                self.give_back(door)
            raise
        return doors

    def _reserved(self) -> bool:
        with self._changed:
            room = len(self.doors) + self._starting < self.count
            self._starting += room
            return room

    def give_back(self, door: Door, usable: bool = True) -> None:
        """Use a keeper no longer; one that is not usable is ended, whoever else uses it."""
        with self._changed:
            known = door in self.doors
            if known and usable:
                self.doors[door] -= 1
            elif known:
                del self.doors[door]
                self._changed.notify_all()
        if known and not usable:
            door.end()
            time.sleep(_PAUSE)

    @contextlib.contextmanager
    def lent(self, walls: Walls) -> Iterator[Door]:
        """A keeper for as long as this lasts."""
        door = self.borrow(walls)
        usable = True
        try:
            yield door
        except SandboxError:
            usable = False
            raise
        finally:
            self.give_back(door, usable)

    def close(self) -> None:
        """End every keeper, those in use too."""
        with self._changed:
            doors = list(self.doors)
            self.doors.clear()
            self._changed.notify_all()
        for door in doors:
            door.end()

    def disown(self) -> None:
        """In a forked child of this process: let go of what is not its own."""
        for door in self.doors:
            door.disown()
