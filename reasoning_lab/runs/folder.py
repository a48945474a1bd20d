"""The run folder: where everything about one run lies.

    <output>/<name>/<time>-<hash8>/<job>/
        run.json        the run, written in full, before anything starts
        metrics.jsonl   one line a step            checkpoints/  to continue from
        model/          what the run made          samples.jsonl, problems.jsonl, report.html
        manifest.json   written last: without it, the run did not finish

`<time>-<hash8>` is a *group*: a sweep's jobs share one, and a single run is a sweep of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.records.answer import PROBLEMS
from reasoning_lab.records.metrics import METRICS
from reasoning_lab.records.rollout import SAMPLES
from reasoning_lab.runs.create import create_repeat, create_run
from reasoning_lab.schema.run import Run

COMPLETE = "COMPLETE"
"""Name of the file that a stage writes into a checkpoint when the checkpoint is whole."""

_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_REPEAT = re.compile(r"(.+)\.repeat(\d+)")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder and the names of the files in it."""

    path: Path

    @classmethod
    def create(cls, run: Run, *, parent: Path | None = None, job: int = 0) -> RunFolder:
        """Make a new folder for `run`; see `create.create_run`."""
        return cls(create_run(run, parent=parent, job=job))

    def repeat(self) -> RunFolder:
        """Make the next free sibling `<job>.repeatN` with the same `run.json`."""
        return RunFolder(create_repeat(self.path))

    @property
    def run_json(self) -> Path:
        """The resolved configuration."""
        return self.path / "run.json"

    @property
    def manifest(self) -> Path:
        """What came out; its presence means that the run finished."""
        return self.path / "manifest.json"

    @property
    def metrics(self) -> Path:
        """Metrics, one JSON object a line: `{"step": 3, "train/loss": 0.1}`."""
        return self.path / METRICS

    @property
    def checkpoints(self) -> Path:
        """Folder of `checkpoint-N`."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """Folder of the trained model or adapter."""
        return self.path / "model"

    @property
    def samples(self) -> Path:
        """Completions seen while training: the newest, older ones in `samples.N.jsonl.gz`."""
        return self.path / SAMPLES

    @property
    def problems(self) -> Path:
        """Held-out problems with the answers given."""
        return self.path / PROBLEMS

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.path / "report.html"

    @property
    def table(self) -> Path:
        """Comparison of a sweep's jobs; it lies in the group's folder."""
        return self.path.parent / "table.csv"

    @property
    def wandb(self) -> Path:
        """Files of Weights & Biases."""
        return self.path / "wandb"

    @property
    def tensorboard(self) -> Path:
        """Event files of TensorBoard."""
        return self.path / "tensorboard"

    @property
    def tracker_id(self) -> Path:
        """The tracker's id of this run, kept so that a resumed run goes on in the same curve."""
        return self.path / "tracker_id.txt"

    @property
    def error(self) -> Path:
        """Traceback of a bug that ended the run."""
        return self.path / "error.txt"

    @property
    def lock(self) -> Path:
        """Held while a process works in this folder."""
        return self.path / ".lock"

    @property
    def group(self) -> str:
        """Name of the group's folder, `<time>-<hash8>`."""
        return self.path.resolve().parent.name

    @property
    def id(self) -> str:
        """`<time>-<hash8>/<job>`, which `run:NAME@ID` accepts."""
        path = self.path.resolve()
        return f"{path.parent.name}/{path.name}"

    @property
    def finished(self) -> bool:
        """Whether the manifest has been written."""
        return self.manifest.is_file()

    @property
    def original(self) -> RunFolder | None:
        """The run that this folder repeats (`0.repeat1` repeats `0`), or None."""
        match = _REPEAT.fullmatch(self.path.name)
        return RunFolder(self.path.with_name(match[1])) if match else None

    def last_checkpoint(self) -> Path | None:
        """The newest complete checkpoint, or None.

        One without the marker was cut off while being written and is passed over.
        """
        whole = [path for path in self.checkpoints.glob("checkpoint-*") if _is_whole(path)]
        return max(whole, key=checkpoint_step, default=None)

    def resume_step(self) -> int:
        """Step of the last complete checkpoint, or -1 where the run starts from the beginning."""
        checkpoint = self.last_checkpoint()
        return -1 if checkpoint is None else checkpoint_step(checkpoint)


def checkpoint_step(checkpoint: Path) -> int:
    """The N of `checkpoint-N`. Raises ValueError for another name."""
    match = _CHECKPOINT.fullmatch(checkpoint.name)
    if match is None:
        raise ValueError(f"{checkpoint.name} is not checkpoint-N")
    return int(match[1])


def run_folders(base: Path) -> list[RunFolder]:
    """Every run under `<output>/<name>`, finished or not, without repeats, in no order."""
    folders = [RunFolder(path.parent) for path in base.glob("[!.]*/[!.]*/run.json")]
    return [folder for folder in folders if folder.original is None]


def _is_whole(checkpoint: Path) -> bool:
    named = _CHECKPOINT.fullmatch(checkpoint.name) is not None
    return named and (checkpoint / COMPLETE).is_file()
