"""`stage=grpo`: group relative policy optimisation on verifiable rewards (arXiv:2402.03300).

Read top to bottom: rows, reward, model, trainer. The algorithm is `trl.GRPOTrainer`; the lab adds
a fixed order of prompts, whole checkpoints, the composed reward and the held-out measurement.

Not covered: tools, environments, vision; a server for generation other than TRL's own vLLM mode.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, cast

from accelerate.utils import gather_object
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from reasoning_lab import data
from reasoning_lab.errors import ConfigError
from reasoning_lab.model import load as model_load
from reasoning_lab.model.adapters import peft_config
from reasoning_lab.records.rollout import RolloutFile
from reasoning_lab.rewards import door
from reasoning_lab.rewards.advantage import Scale
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.trl import TrlReward
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import is_main, rank
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.grpo import Grpo
from reasoning_lab.training.arguments import common_args
from reasoning_lab.training.checkpoints import WholeCheckpoints
from reasoning_lab.training.order import row_order
from reasoning_lab.training.session import Session, prompted, train_and_measure


class LabGrpoTrainer(WholeCheckpoints, GRPOTrainer):
    """TRL's trainer with whole checkpoints."""


def run(run: Run, folder: RunFolder) -> Manifest:
    """Train the model of `run` on its reward; see the module's docstring."""
    stage = cast(Grpo, run.stage)
    splits = prompted(data.load(run.data), run)
    composer = Composer(run.reward)
    if cut := door.cut(run, stage, composer.group_terms):
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

    def build(session: Session) -> LabGrpoTrainer:
        trainer = LabGrpoTrainer(
            model=loaded.model,
            processing_class=loaded.tokenizer,
            reward_funcs=[reward_function(session, stage, composer)],
            args=grpo_config(run, folder, stage),
            train_dataset=prompt_rows(session, stage),
            callbacks=[session.callback],
            peft_config=peft_config(run.peft, loaded.model),
        )
        if trainer.ref_model is not None:
            # TRL reloads the reference by the model's recorded name, which is not what we
            # loaded where an adapter was merged or a revision chosen.
            trainer.ref_model.load_state_dict(loaded.model.state_dict())
        return trainer

    return train_and_measure(run, folder, stage, loaded, splits, build)


def reward_function(session: Session, stage: Grpo, composer: Composer) -> TrlReward:
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
        scale=advantage_scale(stage),
        rank=rank(),
        gather=gather_object,
    )


def advantage_scale(stage: Grpo) -> Scale | None:
    """How TRL scales advantages; None for a way that is not the group's mean and spread."""
    ways = stage.trl.get("multi_objective_aggregation", "sum_then_normalize")
    return stage.scale_rewards if ways == "sum_then_normalize" else None


def grpo_config(run: Run, folder: RunFolder, stage: Grpo) -> GRPOConfig:
    """TRL's configuration: the shared arguments and GRPO's own, under TRL's names."""
    args: dict[str, Any] = common_args(run, folder, stage)
    return GRPOConfig(
        **{
            "num_generations": stage.num_generations,
            "max_completion_length": stage.max_completion_length,
            "temperature": stage.temperature,
            "beta": stage.beta,
            "loss_type": stage.loss_type,
            "scale_rewards": stage.scale_rewards,
            "shuffle_dataset": False,
            "remove_unused_columns": False,
            **args,
        }
    )


def prompt_rows(session: Session, stage: Grpo) -> Dataset:
    """The prompts of the whole run in their order, each with the number of its example."""
    completions = (
        stage.max_steps
        * stage.per_device_train_batch_size
        * stage.gradient_accumulation_steps
        * session.run.hardware.num_processes
    )
    wanted = math.ceil(completions / stage.num_generations)
    order = row_order(len(session.train), wanted, session.run.seed)
    return Dataset.from_dict(
        {
            "prompt": [list(session.train[row].prompt) for row in order],
            "example_index": order,
        }
    )
