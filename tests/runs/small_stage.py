"""A stage small enough to run hundreds of times: a random walk that saves and resumes.

    python tests/runs/small_stage.py FOLDER

runs FOLDER as the worker would, with this stage. What the stage does is in the run's name.
"""

import json
import random
import sys
import time
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


def walk(run: Run, folder: RunFolder) -> Manifest:
    """`max_steps` steps of a random walk; slow ones if the name says so."""
    started = perf_counter()
    if run.name == "refused":
        raise DataError.one("data.path", "there is no such [file]", "name one")
    if run.name == "buggy":
        raise ZeroDivisionError("a bug")
    if run.name == "full":
        Path("/dev/full").write_text("no room")
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
            if step % SAVE_EVERY == 0 or stop.requested:
                save(folder, step, [step + 1, position, *generator.getstate()])
            if stop.requested:
                raise Stopped(stop.requested)
            if run.name == "slow":
                time.sleep(0.01)
        return collect(
            run,
            folder,
            kind="report",
            metrics={"position": Estimate(value=position, low=None, high=None, n=None)},
            artifacts=tracking.paths(),
            parents=[],
            started=started,
        )


def save(folder: RunFolder, step: int, state: list[object]) -> None:
    checkpoint = folder.checkpoints / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    (checkpoint / "state").write_text(json.dumps(state))
    (checkpoint / COMPLETE).touch()


if __name__ == "__main__":
    sys.exit(run_folder(RunFolder(Path(sys.argv[1])), lambda kind: walk))
