"""`stage=reject`: rejection sampling.

A model writes completions of training problems until each has enough that the reward's judge calls
right, or its samples are spent. Some of the right ones are kept, as a data set that `stage=sft`
trains on (`data=from_run`); the others stand beside it, each with the reason.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from reasoning_lab import data
from reasoning_lab.errors import DataError
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.model import load as model_load
from reasoning_lab.records.dataset import DATASET, README, write_rows
from reasoning_lab.rejecting import figures
from reasoning_lab.rejecting.drawing import draw, params_of
from reasoning_lab.rejecting.sorting import Sorted, sort
from reasoning_lab.report.pages.dataset_card import markdown
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, Parent, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.opened import engine_here, engine_there
from reasoning_lab.sampling.store import Store
from reasoning_lab.schema.engine import EngineHere, EngineServer
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.prompts import with_mode, with_system
from reasoning_lab.training import screen
from reasoning_lab.training.context import fitting, require_turns


@dataclass(frozen=True, slots=True)
class _Asked:
    """What writes, the problems that it is asked, what is to be said of others, and where the model
    came from."""

    engine: Engine
    problems: Sequence[Example]
    notes: Sequence[str]
    parents: Sequence[Parent]


def run(run: Run, folder: RunFolder) -> Manifest:
    """Sample, verify and keep; see the module's docstring."""
    stage = cast(Reject, run.stage)
    examples = _problems(run, stage)
    with Sandboxes() as sandboxes:
        composer = Composer(run.reward, sandboxes)
        composer.check(examples)
        asked = _asked(run, stage, examples)
        screen.say(asked.notes)
        screen.start(sandboxes, code.rooms(run.reward))
        prompts = [with_system(one, run.model.system_prompt) for one in asked.problems]
        with (
            Store(folder.sampled / "samples.jsonl", asked.engine, params_of(stage)) as store,
            screen.rejecting(run, len(prompts)) as live,
        ):
            drawn = draw(prompts, asked.engine, composer, stage, store, live.update)
            rows = sort({one.id: one for one in asked.problems}, drawn, stage, store)
            store.finish()
        card = figures.card(run, stage, drawn, rows)
        place = folder.path / DATASET
        write_rows(place, rows.kept, rows.rejected, card)
        (place / README).write_text(markdown(run, card, rows.kept), encoding="utf-8")
        strict = _strict(run, rows, sandboxes)
        return collect(
            run,
            folder,
            kind="dataset",
            metrics=figures.metrics(stage, drawn, rows, strict),
            artifacts={DATASET: DATASET},
            parents=[*asked.parents, *data.parents(run.data, Path(run.output))],
            started=process_start(),
            notes=asked.notes,
            sandboxes=sandboxes.used(),
        )


def _problems(run: Run, stage: Reject) -> list[Example]:
    """Those to ask, as they are asked but for the model's own system prompt."""
    rows = data.load(stage.few(run.data), output=Path(run.output)).train
    if stage.problems is not None and stage.problems > len(rows):
        what = f"asks for {stage.problems:,} problems, there are {len(rows):,} to train on"
        raise DataError.one("stage.problems", what, "use stage.problems=null for all of them")
    size = len(rows) if stage.problems is None else stage.problems
    places = sorted(random.Random(run.seed).sample(range(len(rows)), size))
    return [with_mode(rows[place], stage.mode) for place in places]


def _asked(run: Run, stage: Reject, examples: Sequence[Example]) -> _Asked:
    """The model of the run here, with the problems that fit; what a server takes it says itself."""
    if isinstance(run.engine, EngineServer):
        return _Asked(engine_there(run.engine), examples, [], [])
    assert isinstance(run.engine, EngineHere)  # the door refuses others
    loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
    prompted = [with_system(one, run.model.system_prompt) for one in examples]
    require_turns(loaded, prompted)
    limit, key = stage.max_completion_length, "stage.max_completion_length"
    fits = fitting(loaded, prompted, limit, key, run.data.too_long, "training")
    kept = {one.id for one in fits.kept}
    engine = engine_here(run.engine, loaded, stage.batch_size)
    return _Asked(engine, [one for one in examples if one.id in kept], fits.notes, loaded.parents)


def _strict(run: Run, rows: Sorted, sandboxes: Sandboxes) -> list[Verdict | None]:
    """What the metric that no reward sees says of each completion that is kept."""
    pairs = [(Completion(row.example.response or "", row.tokens), row.example) for row in rows.kept]
    rooms = code.rooms(run.reward)
    return strict_verdicts(pairs, sandboxes, rooms[0] if rooms else Room("auto", ()))
