"""Where metrics go: always into `metrics.jsonl`, and into the tracker that the run names."""

from collections.abc import Mapping
from types import TracebackType

from reasoning_lab.records.metrics import MetricsFile
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import is_main
from reasoning_lab.schema.run import Run
from reasoning_lab.track.backend import Backend


class Tracking:
    """A run's open metrics. A context manager: leaving it closes everything, come what may.

    Without a file (in all processes but the first) every call does nothing.
    """

    def __init__(self, file: MetricsFile | None, backend: Backend) -> None:
        self._file = file
        self._backend = backend
        self._closed = False

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of training step `step`; what a resumed run measures again alike, once."""
        if self._file is not None and self._file.append(step, metrics):
            self._backend.log(metrics, step)

    def rewind(self, step: int) -> None:
        """Forget lines of `metrics.jsonl` after `step`: the run resumes there."""
        if self._file is not None:
            self._file.rewind(step)

    def summary(self, values: Mapping[str, float]) -> None:
        """Record the run's final values in the tracker (the manifest holds them too)."""
        self._backend.summary(values)

    def finish(self, failed: bool = False) -> None:
        """Write out and close everything; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._file is not None:
            self._file.close()
        self._backend.finish(failed)

    def paths(self) -> dict[str, str]:
        """The tracker's files by name, as paths relative to the run folder."""
        return self._backend.paths()

    def notes(self) -> list[str]:
        """Lines for the user: where to see the curves, how to upload them."""
        return self._backend.notes()

    def __enter__(self) -> "Tracking":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finish(failed=kind is not None)


def open_tracker(run: Run, folder: RunFolder, *, group: str | None = None) -> Tracking:
    """Open the run's metrics: `metrics.jsonl`, and the tracker `run.tracker` names.

    `metrics.jsonl` is rewound to the last complete checkpoint. `group` binds runs together in
    the tracker; unless given it is the name of the folder that a sweep's jobs share (a single
    run is a sweep of one).

    Raises ConfigError if the tracker is not installed, or is to be online without a key.
    """
    if not is_main():
        return Tracking(None, Backend())
    backend = _open_backend(run, folder, group or folder.group)
    file = MetricsFile(folder.metrics)
    file.rewind(folder.resume_step())
    return Tracking(file, backend)


def _open_backend(run: Run, folder: RunFolder, group: str) -> Backend:
    # Each tracker is imported only by the run that uses it: they are slow, and optional.
    if run.tracker.kind == "wandb":
        from reasoning_lab.track.wandb import Wandb

        return Wandb(run, folder, group)
    if run.tracker.kind == "trackio":
        from reasoning_lab.track.trackio import Trackio

        return Trackio(run, folder, group)
    if run.tracker.kind == "tensorboard":
        from reasoning_lab.track.tensorboard import TensorBoard

        return TensorBoard(run, folder, folder.resume_step())
    return Backend()
