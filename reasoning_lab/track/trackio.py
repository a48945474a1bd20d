"""Trackio: a local dashboard with W&B's manners (`trackio show`)."""

import os
from collections.abc import Mapping
from pathlib import Path

from reasoning_lab.errors import ConfigError
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.extras import how_to_install
from reasoning_lab.schema.run import Run
from reasoning_lab.track.backend import Backend


class Trackio(Backend):
    """An open Trackio run; its data base lies outside the run folder."""

    def __init__(self, run: Run, folder: RunFolder, group: str) -> None:
        # One data base for all runs under the output folder, so that they can be compared.
        self._store = Path(run.output).expanduser().absolute() / ".trackio"
        os.environ.setdefault("TRACKIO_DIR", str(self._store))
        self._project = run.tracker.project
        try:
            import trackio
        except ImportError:
            raise ConfigError.one(
                "tracker",
                "trackio is not installed",
                f"{how_to_install('trackio')}; or choose tracker=wandb",
            ) from None
        self._run = trackio.init(
            project=self._project,
            name=f"{run.name}/{folder.id}",
            group=group,
            config=run.model_dump(mode="json"),
            resume="allow",
            embed=False,
        )

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of training step `step`."""
        self._run.log(dict(metrics), step=step)

    def summary(self, values: Mapping[str, float]) -> None:
        """Record the run's final values, as `summary/...`: Trackio has no summary of its own."""
        self._run.log({f"summary/{name}": value for name, value in values.items()})

    def finish(self, failed: bool) -> None:
        """Close the run."""
        self._run.finish()

    def notes(self) -> list[str]:
        """How to look."""
        return [f"curves: TRACKIO_DIR={self._store} trackio show --project {self._project}"]
