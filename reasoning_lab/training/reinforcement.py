"""What every reinforcement shares: prompts, a composed reward, a trainer of TRL's, and rollouts.

Read top to bottom: rows, reward, model, trainer. The algorithm is TRL's; the lab adds a fixed order
of prompts, whole checkpoints, the composed reward and the held-out measurement.

Not covered: tools, environments, vision; a server for generation other than TRL's own vLLM mode.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from accelerate.utils import gather_object
from datasets import Dataset

from reasoning_lab.errors import ConfigError
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.model import load as model_load
from reasoning_lab.model.adapters import peft_config
from reasoning_lab.records.rollout import RolloutFile
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.door import cut_groups
from reasoning_lab.rewards.trl import TrlReward
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import is_main, rank
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.training.arguments import trainer_arguments
from reasoning_lab.training.order import row_order
from reasoning_lab.training.session import Session, load_rows, train_and_measure


def reinforce(
    run: Run, folder: RunFolder, trainer: Callable[..., Any], config: Callable[..., Any]
) -> Manifest:
    """Train the model of `run` on its reward, with one of TRL's trainers and its configuration.

    `trainer` takes the arguments of `trl.GRPOTrainer`, `config` its fields by name.
    """
    stage = cast(Reinforcing, run.stage)
    splits = load_rows(run)
    sandboxes = Sandboxes()
    composer = Composer(run.reward, sandboxes)
    batch = Batch.of(stage, run.hardware.num_processes)
    if cut := cut_groups(composer.group_terms, batch):
        raise ConfigError(*cut)
    composer.check(splits.train)
    loaded = model_load.load(
        run.model,
        run.hardware,
        output=Path(run.output),
        seed=run.seed,
        quantize=run.peft.kind == "qlora",
        full_weights=run.peft.kind == "none",
    )
    given = trainer_arguments(run, folder, stage)
    arguments = {"shuffle_dataset": False, "remove_unused_columns": False, **given}

    def build(session: Session) -> Any:
        made = trainer(
            model=loaded.model,
            processing_class=loaded.tokenizer,
            reward_funcs=[reward_function(session, stage, composer)],
            args=config(**arguments),
            train_dataset=prompt_rows(session, batch.run_problems(stage.max_steps)),
            callbacks=[session.callback],
            peft_config=peft_config(run.peft, loaded.model),
        )
        if made.ref_model is not None:
            # TRL reloads the reference by the model's recorded name, which is not what we
            # loaded where an adapter was merged or a revision chosen.
            made.ref_model.load_state_dict(loaded.model.state_dict())
        return made

    return train_and_measure(run, folder, stage, loaded, splits, sandboxes, build)


def reward_function(session: Session, stage: Reinforcing, composer: Composer) -> TrlReward:
    """The composed reward as TRL calls it, which also writes down what was sampled."""
    folder, loaded = session.folder, session.loaded
    rollouts = RolloutFile(
        folder.samples, folder.resume_step(), write=is_main(), gather=gather_object
    )
    return TrlReward(
        composer,
        session.train,
        eos_ids=loaded.eos_ids,
        on_batch=rollouts.append,
        prefix=loaded.opening,
        group_size=stage.num_generations,
        scale=stage.advantages(),
        rank=rank(),
        gather=gather_object,
    )


def prompt_rows(session: Session, wanted: int) -> Dataset:
    """The `wanted` prompts of the whole run in order, each with the number of its example."""
    order = row_order(len(session.train), wanted, session.run.seed)
    prompts = [list(session.train[row].prompt) for row in order]
    return Dataset.from_dict({"prompt": prompts, "example_index": order})
