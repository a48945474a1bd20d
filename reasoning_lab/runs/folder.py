"""The run folder: where everything about one run lies.

    <output>/<name>/<time>-<hash8>/<job>/
        run.json        the run, written in full, before anything starts
        metrics.jsonl   one line a step            checkpoints/  to continue from
        model/          what the run made          samples.jsonl, problems.jsonl, report.html
        manifest.json   written last: without it, the run did not finish

`<time>-<hash8>` is a *group*: a sweep's jobs share one, and a single run is a sweep of one.
"""

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


class _Inside:
    """A path in the run's folder, by its name there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, folder: "RunFolder", owner: type["RunFolder"]) -> Path:
        return folder.path / self.name


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder and the names of the files in it."""

    path: Path

    @classmethod
    def create(cls, run: Run, *, parent: Path | None = None, job: int = 0) -> "RunFolder":
        """Make a new folder for `run`; see `create.create_run`."""
        return cls(create_run(run, parent=parent, job=job))

    def repeat(self) -> "RunFolder":
        """Make the next free sibling `<job>.repeatN` with the same `run.json`."""
        return RunFolder(create_repeat(self.path))

    run_json = _Inside("run.json")  # the resolved configuration
    manifest = _Inside("manifest.json")  # what came out; its presence says that the run finished
    metrics = _Inside(METRICS)  # one JSON object a line: `{"step": 3, "train/loss": 0.1}`
    checkpoints = _Inside("checkpoints")  # folder of `checkpoint-N`
    model = _Inside("model")  # folder of the trained model or adapter
    samples = _Inside(SAMPLES)  # the newest completions of training; older: `samples.N.jsonl.gz`
    problems = _Inside(PROBLEMS)  # held-out problems with the answers given
    sampled = _Inside("sampled")  # folder of `WAY.jsonl`: each completion as soon as it is written
    before = _Inside("before.jsonl")  # answers before training, until `problems` holds them
    report = _Inside("report.html")  # the page to look at
    wandb = _Inside("wandb")  # files of Weights & Biases
    tensorboard = _Inside("tensorboard")  # event files of TensorBoard
    tracker_id = _Inside("tracker_id.txt")  # the tracker's id, with which a resumed run goes on
    error = _Inside("error.txt")  # traceback of a bug that ended the run
    lock = _Inside(".lock")  # held while a process works in this folder
    attended = _Inside(".attended")  # held by who answers for the run; see `runs.lock`
    ranks = _Inside(".ranks")  # held by the ranks of a run over several processes

    @property
    def table(self) -> Path:
        """Comparison of a sweep's jobs; it lies in the group's folder."""
        return self.path.parent / "table.csv"

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
    def original(self) -> "RunFolder | None":
        """The run that this folder repeats (`0.repeat1` repeats `0`), or None."""
        match = _REPEAT.fullmatch(self.path.name)
        return RunFolder(self.path.with_name(match[1])) if match else None

    def last_checkpoint(self) -> Path | None:
        """The newest complete checkpoint, or None; one cut off in writing has no marker."""
        found = [mark.parent for mark in self.checkpoints.glob(f"checkpoint-*/{COMPLETE}")]
        named = [path for path in found if _CHECKPOINT.fullmatch(path.name)]
        return max(named, key=checkpoint_step, default=None)

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
