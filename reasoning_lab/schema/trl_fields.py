"""`stage.trl`: any other field of TRL's config, checked by name without importing TRL.

`trl_fields.json` is a generated lock of the pinned TRL's field names; a test keeps it true
(`python tests/door/locks.py` rewrites it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.stage import Grpo, Sft
from reasoning_lab.schema.suggest import did_you_mean

KNOBS = {"grpo": frozenset(Grpo.model_fields), "sft": frozenset(Sft.model_fields)}
MEASURING = "stage.evaluation"
# Fields that the lab sets itself, with the key that decides them.
OWNERS = {
    "output_dir": "output",
    "seed": "seed",
    "data_seed": "seed",
    "full_determinism": "seed",
    "run_name": "name",
    "report_to": "tracker",
    "project": "tracker.project",
    "trackio_space_id": "tracker",
    "resume_from_checkpoint": "resume",
    "ignore_data_skip": "resume",
    "save_strategy": "stage.save_steps",
    "logging_strategy": "stage.logging_steps",
    "num_train_epochs": "stage.max_steps",
    "eval_strategy": MEASURING,
    "eval_steps": f"{MEASURING}.every",
    "eval_on_start": MEASURING,
    "do_eval": MEASURING,
    "per_device_eval_batch_size": f"{MEASURING}.batch_size",
    "num_generations_eval": f"{MEASURING}.samples",
    "eval_packing": "stage.packing",
    "bf16": "hardware.precision",
    "fp16": "hardware.precision",
    "use_cpu": "hardware.device",
    "gradient_checkpointing": "hardware.gradient_checkpointing",
    "activation_checkpointing": "hardware.gradient_checkpointing",
    "fsdp": "hardware.strategy",
    "fsdp_config": "hardware.strategy",
    "deepspeed": "hardware.strategy",
    "parallelism_config": "hardware.strategy",
    "local_rank": "hardware.num_processes",
    "model_init_kwargs": "model",
    "trust_remote_code": "model",
    "chat_template_path": "model.chat_template",
    "reward_weights": "reward.terms.NAME.weight",
}
# Fields that no key decides: the lab's way of working does.
FIXED = {
    "push_to_hub": "the lab uploads nothing",
    "do_train": "the stage decides",
    "do_predict": "the stage decides",
    "disable_tqdm": "the lab shows its own progress bar",
    "log_completions": "samples are always kept in samples.jsonl",
    "remove_unused_columns": "rewards need every column",
    "assistant_only_loss": "only the assistant's tokens carry loss, always",
    "completion_only_loss": "only the assistant's tokens carry loss, always",
    "load_best_model_at_end": "the last weights are kept, so that a run repeats exactly",
}


@cache
def fields() -> dict[str, list[str]]:
    """Field names of TRL's configs by stage kind."""
    lock = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    known: dict[str, list[str]] = lock["fields"]
    return known


def check_trl(kind: str, given: Mapping[str, Any]) -> list[Problem]:
    """Problems of `stage.trl`: unknown names, and names that the lab owns."""
    return [] if kind not in KNOBS else [p for name in given for p in _check(kind, str(name))]


def _check(kind: str, name: str) -> list[Problem]:
    key = f"stage.trl.{name}"
    if name in KNOBS[kind] and name not in ("kind", "trl", "evaluation"):
        return [Problem(key, "the lab has its own key for this", f"use stage.{name}=…")]
    if name in OWNERS:
        return [Problem(key, f"is set by the lab from {OWNERS[name]}", f"use {OWNERS[name]}")]
    if name in FIXED:
        return [Problem(key, "cannot be changed", FIXED[name])]
    if name in fields()[kind]:
        return []
    free = set(fields()[kind]) - set(OWNERS) - set(FIXED)
    owned = did_you_mean(name, free)
    config = {"grpo": "GRPOConfig", "sft": "SFTConfig"}[kind]
    return [Problem(key, f"TRL's {config} has no such field", owned if "mean" in owned else "")]
