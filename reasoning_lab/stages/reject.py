"""`stage=reject`: rejection sampling.

A model writes completions of training problems until each has enough that the reward's judge calls
right, or its samples are spent. Some of the right ones are kept, as a data set that `stage=sft`
trains on (`data=from_run`); the others stand beside it, each with the reason.
"""

import random
from pathlib import Path
from typing import cast

from reasoning_lab import data
from reasoning_lab.errors import ConfigError, DataError
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.records.dataset import DATASET, README, write_rows
from reasoning_lab.rejecting import figures
from reasoning_lab.rejecting.asking import to_ask
from reasoning_lab.rejecting.drawing import draw, params_of
from reasoning_lab.rejecting.sorting import Sorted, sort
from reasoning_lab.report.pages.dataset_card import markdown
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.sampling.store import Store
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.prompts import with_mode
from reasoning_lab.training import screen


def run(run: Run, folder: RunFolder) -> Manifest:
    """Sample, verify and keep; see the module's docstring."""
    stage = cast(Reject, run.stage)
    examples = _problems(run, stage)
    with Sandboxes() as sandboxes:
        composer = Composer(run.reward, sandboxes)
        composer.check(examples)
        _require_payable(stage, composer)
        asked = to_ask(run, stage, examples)
        screen.say(asked.notes)
        screen.start(sandboxes, code.rooms(run.reward))
        with (
            Store(folder.sampled / "samples.jsonl", asked.engine, params_of(stage)) as store,
            screen.rejecting(run, len(asked.problems)) as live,
        ):
            drawn = draw(asked.prompts(run), asked.engine, composer, stage, store, live.update)
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


def _require_payable(stage: Reject, composer: Composer) -> None:
    """Raise ConfigError where no completion can be paid as much as is asked for."""
    bounds = composer.bounds.get("total")
    if bounds is not None and stage.min_reward is not None and stage.min_reward > bounds[1]:
        what = f"{stage.min_reward:g} is more than this reward pays, which is {bounds[1]:g} at most"
        raise ConfigError.one("stage.min_reward", what, f"use stage.min_reward={bounds[1]:g}")


def _problems(run: Run, stage: Reject) -> list[Example]:
    """Those to ask, as they are asked but for the model's own system prompt."""
    rows = data.load(stage.few(run.data), output=Path(run.output)).train
    if stage.problems is not None and stage.problems > len(rows):
        what = f"asks for {stage.problems:,} problems, there are {len(rows):,} to train on"
        raise DataError.one("stage.problems", what, "use stage.problems=null for all of them")
    size = len(rows) if stage.problems is None else stage.problems
    places = sorted(random.Random(run.seed).sample(range(len(rows)), size))
    return [with_mode(rows[place], stage.mode) for place in places]


def _strict(run: Run, rows: Sorted, sandboxes: Sandboxes) -> list[Verdict | None]:
    """What the metric that no reward sees says of each completion that is kept."""
    pairs = [(Completion(row.example.response or "", row.tokens), row.example) for row in rows.kept]
    rooms = code.rooms(run.reward)
    return strict_verdicts(pairs, sandboxes, rooms[0] if rooms else Room("auto", ()))
