"""Rejection sampling without a run: nothing is left on disk."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.records.dataset import KeptRow
from reasoning_lab.rejecting.asking import to_ask
from reasoning_lab.rejecting.drawing import draw, params_of
from reasoning_lab.rejecting.sorting import sort
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.sampling.store import Store
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Example


def kept_rows(run: Run, examples: Sequence[Example]) -> Sequence[KeptRow]:
    """What `run`, of stage=reject, keeps of `examples`, in the place of its own data."""
    stage = cast(Reject, run.stage)
    with Sandboxes() as sandboxes, tempfile.TemporaryDirectory() as folder:
        composer = Composer(run.reward, sandboxes)
        composer.check(examples)
        asked = to_ask(run, stage, examples)
        with Store(Path(folder) / "samples.jsonl", asked.engine, params_of(stage)) as store:
            drawn = draw(asked.prompts(run), asked.engine, composer, stage, store, _silent)
            return sort({one.id: one for one in asked.problems}, drawn, stage, store).kept


def _silent(done: int, figures: Mapping[str, float]) -> None:
    pass
