"""TensorBoard event files in the run folder."""

from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from reasoning_lab.errors import ConfigError
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.extras import how_to_install
from reasoning_lab.schema.run import Run
from reasoning_lab.track.backend import Backend


class TensorBoard(Backend):
    """An open event file."""

    def __init__(self, run: Run, folder: RunFolder, step: int) -> None:
        self._folder = folder
        # Events after the step that is resumed from are hidden by TensorBoard.
        self._writer: Any = _writer_class()(str(folder.tensorboard), purge_step=step + 1)
        self._writer.add_text("run.json", f"```\n{run.model_dump_json(indent=2)}\n```")

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of training step `step`."""
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, step)

    def summary(self, values: Mapping[str, float]) -> None:
        """Record the run's final values."""
        lines = "\n".join(f"    {name}: {value}" for name, value in values.items())
        self._writer.add_text("summary", lines)

    def finish(self, failed: bool) -> None:
        """Close the file."""
        self._writer.close()

    def paths(self) -> dict[str, str]:
        """The folder of event files."""
        return {"tensorboard": self._folder.tensorboard.name}

    def notes(self) -> list[str]:
        """How to look."""
        return [f"curves: tensorboard --logdir {self._folder.tensorboard}"]


def _writer_class() -> Any:
    for module in ("torch.utils.tensorboard", "tensorboardX"):
        with suppress(ImportError):
            return import_module(module).SummaryWriter
    raise ConfigError.one(
        "tracker",
        "tensorboard is not installed",
        f"{how_to_install('tensorboard')}; or choose tracker=wandb",
    )
