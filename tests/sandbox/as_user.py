"""Every attack against every level that an ordinary user has here; prints those that get through.

Started by `test_sandbox_life.py`, as somebody without any right, with the project's root.
"""

import sys
from collections.abc import Iterator

sys.dont_write_bytecode = True
sys.path[:0] = [sys.argv[1], f"{sys.argv[1]}/tests"]

from reasoning_lab.sandbox import levels, runner  # noqa: E402
from reasoning_lab.sandbox.attack import got_through  # noqa: E402
from reasoning_lab.sandbox.door import Door  # noqa: E402
from reasoning_lab.sandbox.limits import Limits  # noqa: E402
from reasoning_lab.sandbox.sandbox import Sandbox  # noqa: E402
from sandbox.aims import aims  # noqa: E402
from sandbox.attacks import ALL  # noqa: E402
from sandbox.levels_here import WALLS  # noqa: E402


def through() -> Iterator[str]:
    """A line a level, and one for each attack that it claims to stop and does not."""
    size = Limits().files_mb * 2**20
    for name, why in levels.detect().items():
        if why:
            yield f"{name}: {why}"
            continue
        with Sandbox(name, workers=1) as sandbox:
            yield f"{name}: {sandbox.run('print(6 * 7)').stdout.strip()}"
        door = Door(WALLS[name])
        for attack in ALL:
            with aims() as there:
                outcome = runner.run(door, door.take(size), attack.job(there))
                if attack.stopped(WALLS[name]) and got_through(outcome, there, attack.lasts):
                    yield f"{name}: not stopped: {attack.name}"
        door.end()


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in through())
