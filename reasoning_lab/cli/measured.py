"""How many problems a run will measure, and whether they fit, looked at before the plan.

Only of local rows is more known without torch and the hub than the configuration says; and only
for a model that ships in the package can lengths be told, since its tokenizer is one small file
here. What the door lets pass is looked at once more by the worker, exactly and for every source and
model (`data.to_measure`, `training/context.py`).
"""

from collections.abc import Sequence
from pathlib import Path

from reasoning_lab import data
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.rules.places import EMBEDDED
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import question_of

LONGEST = 100  # questions that are looked at: those with the most letters


def held_out(run: Run) -> int | None:
    """The number of problems that the data hold out; None where only the hub, or nobody, knows.

    Raises ConfigError where a held-out question alone is too long for the embedded model (with
    `data.too_long=drop`: where all are), DataError when local rows cannot be read or are fewer than
    are to be measured.
    """
    stage, rows, model = run.stage, run.data, run.model
    if not isinstance(stage, Measuring):
        return None
    if "model" not in stage.reading():  # saved completions are judged: they fit already
        return rows.heldout_size
    if not isinstance(rows, Rows) or rows.path is None:
        return rows.heldout_size
    embedded = model.path.startswith("embedded:") and model.scratch is None
    if rows.heldout_size is not None and not embedded:
        return rows.heldout_size
    found = data.heldout(rows)
    measured = data.to_measure(found, stage.evaluation.problems)
    if embedded:
        _check_lengths(run, stage, measured)
    return len(found)


def _check_lengths(run: Run, stage: Measuring, examples: Sequence[Example]) -> None:
    # Takes 10 ms to import, and only these runs need it.
    from tokenizers import Tokenizer

    name = run.model.path.removeprefix("embedded:")
    tokenizer = Tokenizer.from_file(str(Path(EMBEDDED) / name / "tokenizer.json"))
    by_letters = sorted(examples, key=lambda example: len(question_of(example)))
    refuses = run.data.too_long == "refuse"
    # Where rows may be left out, all is well as long as one of them fits.
    looked_at = by_letters[-LONGEST:] if refuses else by_letters[:LONGEST]
    lengths = [len(tokenizer.encode(question_of(example)).ids) for example in looked_at]
    limit = stage.evaluation.max_completion_length
    room = run.model.max_length - limit
    worst = max(lengths) if refuses else min(lengths)
    if worst <= room:
        return
    drop = "use data.too_long=drop, or " if refuses else ""
    raise ConfigError.one(
        "data",
        f"{'a' if refuses else 'each'} question, such as {looked_at[lengths.index(worst)].id} with "
        f"{worst:,} tokens, and a completion of up to {limit:,} do not fit into the "
        f"{run.model.max_length:,} of model={run.model.name}",
        f"{drop}choose a model with a longer context, or data with prompts of at most {room} "
        "tokens",
    )
