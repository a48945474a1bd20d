"""`stage=sft`: supervised fine-tuning on worked responses.

Each row is a chat whose last turn is the response: the teacher's steps in a think block (where the
row has any), then the answer. Only the assistant's tokens carry loss, its end-of-turn included, so
that stopping is learned. The loop is `trl.SFTTrainer`; rows are tokenised here once, in batches of
like length, because TRL's own preparation passes over the data six times.

Also trains from random weights (`model.scratch`); the embedded models are made this way.
"""

from pathlib import Path
from typing import cast

from trl import SFTConfig, SFTTrainer

from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.model import contract
from reasoning_lab.model import load as model_load
from reasoning_lab.model.adapters import peft_config
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.sft import Sft
from reasoning_lab.text.grammar import thinks
from reasoning_lab.training import screen
from reasoning_lab.training.arguments import trainer_arguments
from reasoning_lab.training.checkpoints import WholeCheckpoints
from reasoning_lab.training.context import require_turns
from reasoning_lab.training.rows import corpus, require_answers, response, taught, training_rows
from reasoning_lab.training.session import Session, load_rows, train_and_measure


class LabSftTrainer(WholeCheckpoints, SFTTrainer):
    """TRL's trainer with whole checkpoints."""


def run(run: Run, folder: RunFolder) -> Manifest:
    """Train the model of `run` on the responses of its data; see the module's docstring."""
    stage = cast(Sft, run.stage)
    splits = load_rows(run)
    require_answers(splits.train)
    if build_words := run.model.scratch is not None and run.model.scratch.tokenizer == "build":
        screen.learning_words(len(splits.train))
    loaded = model_load.load(
        run.model,
        run.hardware,
        output=Path(run.output),
        seed=run.seed,
        corpus=corpus(splits.train) if build_words else None,
        quantize=run.peft.kind == "qlora",
        full_weights=run.peft.kind == "none",
    )
    thinking = any(thinks(response(example)) for example in splits.train)
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids, thinks=thinking)
    require_turns(loaded, splits.train)
    # Before anything is measured: a row that is too long is told at once.
    learning = taught(run, splits.train, loaded.tokenizer, template)

    arguments = {
        "shuffle_dataset": False,
        "dataset_kwargs": {"skip_prepare_dataset": not stage.packing},
        "train_sampling_strategy": "sequential",
        **trainer_arguments(run, folder, stage),
    }

    def build(session: Session) -> LabSftTrainer:
        return LabSftTrainer(
            model=loaded.model,
            processing_class=loaded.tokenizer,
            args=SFTConfig(**arguments),
            train_dataset=training_rows(session, stage, learning),
            callbacks=[session.callback],
            peft_config=peft_config(run.peft, loaded.model),
        )

    return train_and_measure(run, folder, stage, loaded, splits, Sandboxes(), build, learning.notes)
