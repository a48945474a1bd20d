"""The arguments of every trainer, under TRL's names: the stage's own settings and the lab's."""

from typing import Any

from reasoning_lab.model import device
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training

OF_THE_LAB = ("kind", "evaluation", "trl")
"""Settings of a training that are no field of TRL's."""


def trainer_arguments(run: Run, folder: RunFolder, stage: Training) -> dict[str, Any]:
    """What TRL's configuration of a training gets: every setting of `stage` by its own name, which
    is TRL's, then what the hardware and the lab decide, then `stage.trl`.
    """
    cpu = device.pick(run.hardware).type == "cpu"
    precision = device.precision(run.hardware)
    return {
        **{name: getattr(stage, name) for name in _settings(stage)},
        "output_dir": str(folder.checkpoints),
        "seed": run.seed,
        "data_seed": run.seed,
        "use_cpu": cpu,
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "activation_checkpointing": run.hardware.gradient_checkpointing,
        "report_to": "none",
        "disable_tqdm": True,
        "save_strategy": "steps",
        "save_steps": stage.save_steps,
        "save_total_limit": 2,
        "logging_strategy": "steps",
        # A run shorter than that still shows its loss once.
        "logging_steps": min(stage.logging_steps, stage.max_steps),
        # Every weight that is trained is used in every step; looking for others costs time.
        "ddp_find_unused_parameters": False,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": not cpu,
        **stage.trl,
    }


def _settings(stage: Training) -> list[str]:
    return [name for name in type(stage).model_fields if name not in OF_THE_LAB]
