"""`stage=evaluate`: greedy and sampled pass@1 of a model on held-out problems, with intervals."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import cast

from reasoning_lab import data
from reasoning_lab.model import load as model_load
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stage import Evaluate
from reasoning_lab.stages.heldout import measure
from reasoning_lab.stages.session import WAYS, prompted, write_problems
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.track import open_tracker


def run(run: Run, folder: RunFolder) -> Manifest:
    """Measure the model of `run` on the held-out problems of its data; train nothing."""
    started = perf_counter()
    evaluation = cast(Evaluate, run.stage).evaluation
    heldout = prompted(data.load(run.data), run).heldout[: evaluation.problems]
    loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
    with open_tracker(run, folder) as tracking:
        measured = measure(loaded, heldout, evaluation, ways=WAYS)
        metrics = measured.estimates()
        values = {f"heldout/{name}": value.value for name, value in metrics.items()}
        tracking.log(values, 0)
        tracking.summary(values)
        write_problems(folder.problems, measured)
        rate = measured.tokens() / measured.seconds
        metrics["perf/tokens_per_second"] = Estimate(value=rate, low=None, high=None, n=None)
        return collect(
            run,
            folder,
            kind="report",
            metrics=metrics,
            artifacts={
                "problems": folder.problems.name,
                "metrics": folder.metrics.name,
                **tracking.paths(),
            },
            parents=loaded.parents,
            started=started,
            notes=tracking.notes(),
        )
