"""Prompts that cannot fit, told before the plan: local rows for a model that ships in the package.

Only for these can it be known without torch: the tokenizer is one small file here. What the door
lets pass is looked at once more by the worker, exactly and for every model (`stages/room.py`).
"""

from __future__ import annotations

from pathlib import Path

from reasoning_lab import data
from reasoning_lab.data.split import question_of
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.places import EMBEDDED
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stage import Evaluate, Training

LONGEST = 100  # questions that are looked at: those with the most letters


def check_lengths(run: Run) -> None:
    """Raise ConfigError where a held-out question alone is too long for the embedded model.

    Raises DataError when the rows cannot be read.
    """
    stage, rows, model = run.stage, run.data, run.model
    if not isinstance(stage, (Training, Evaluate)) or not isinstance(rows, Rows):
        return
    if rows.path is None or not model.path.startswith("embedded:") or model.scratch is not None:
        return
    questions = [
        question_of(example) for example in data.load(rows).heldout[: stage.evaluation.problems]
    ]
    # Takes 10 ms to import, and only these runs need it.
    from tokenizers import Tokenizer

    name = model.path.removeprefix("embedded:")
    tokenizer = Tokenizer.from_file(str(Path(EMBEDDED) / name / "tokenizer.json"))
    most = sorted(questions, key=len)[-LONGEST:]
    longest = max(len(tokenizer.encode(question).ids) for question in most)
    limit = stage.evaluation.max_completion_length
    if longest + limit <= model.max_length:
        return
    raise ConfigError.one(
        "data",
        f"a question of {longest:,} tokens and a completion of up to {limit:,} do not fit into "
        f"the {model.max_length:,} of model={model.name}",
        "choose a model with a longer context, or data with prompts of at most "
        f"{model.max_length - limit} tokens",
    )
