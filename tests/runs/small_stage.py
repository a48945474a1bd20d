"""A stage small enough to run hundreds of times: a random walk that saves and resumes.

    python tests/runs/small_stage.py FOLDER

runs FOLDER as the worker would, with this stage. What the stage does is in the run's name.
Two at once in one output folder leave a file `two_at_once` there.
"""

import fcntl
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from reasoning_lab.errors import DataError
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.stop import Stopped, stop
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.track import open_tracker
from reasoning_lab.worker import run_folder

SAVE_EVERY = 10
LAST_STEP = {"slow": 0.3, "late": 120.0}  # seconds that such a walk takes to stop


def walk(run: Run, folder: RunFolder) -> Manifest:
    """`max_steps` steps of a random walk; slow ones if the name says so."""
    with only_one(Path(run.output)):
        return _walk(run, folder)


@contextmanager
def only_one(output: Path) -> Iterator[None]:
    """Note it where another walk is under way in the same output folder."""
    with (output / "walking").open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            (output / "two_at_once").touch()
        yield


def _walk(run: Run, folder: RunFolder) -> Manifest:
    started = perf_counter()
    end_early(run.name)
    generator, position, first = random.Random(run.seed), 0.0, 1
    checkpoint = folder.last_checkpoint()
    if checkpoint is not None:
        first, position, version, inner, gauss = json.loads((checkpoint / "state").read_text())
        generator.setstate((version, tuple(inner), gauss))
    seed = time.time_ns() if run.name == "drifting" else 0
    last = run.stage.max_steps
    with open_tracker(run, folder) as tracking:
        tracking.log({"heldout/position": 0.0}, 0)
        for step in range(first, last + 1):
            position += generator.gauss(0, 1) + seed
            tracking.log({"train/position": position, "perf/clock": perf_counter()}, step)
            if stop.requested and run.name in LAST_STEP:
                linger(Path(run.output) / "go", LAST_STEP[run.name])
            if step % SAVE_EVERY == 0 or stop.requested:
                save(folder, step, [step + 1, position, *generator.getstate()])
            if stop.requested:
                raise Stopped(stop.requested)
            if run.name in LAST_STEP:
                time.sleep(0.01)
        if run.name == "open":
            linger(Path(run.output) / "go", 240)
        return collect(
            run,
            folder,
            kind="report",
            metrics={"position": Estimate(value=position, low=None, high=None, n=None)},
            artifacts=tracking.paths(),
            parents=[],
            started=started,
        )


def end_early(name: str) -> None:
    """What goes wrong if the name says so."""
    if name == "refused":
        raise DataError.one("data.path", "there is no such [file]", "name one")
    if name == "buggy":
        raise ZeroDivisionError("a bug")
    if name == "full":
        Path("/dev/full").write_text("no room")


def linger(until: Path, seconds: float) -> None:
    """Wait so long, or until there is such a file."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until.exists():
        time.sleep(0.02)


def save(folder: RunFolder, step: int, state: list[object]) -> None:
    checkpoint = folder.checkpoints / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True, exist_ok=True)  # a kill may have left half of it
    (checkpoint / "state").write_text(json.dumps(state))
    (checkpoint / COMPLETE).touch()


if __name__ == "__main__":
    sys.exit(run_folder(RunFolder(Path(sys.argv[1])), lambda kind: walk))
