"""`stage.trl`: any other field of TRL's config, checked by name and kind without importing TRL.

`trl_fields.json` is a generated lock of the pinned TRL's fields; a test keeps it true
(`python tests/door/locks.py` rewrites it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.kinds import check_kind
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.suggest import did_you_mean

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
_ORDER = "rows come in a fixed order, so that a run repeats and resumes exactly"
_MEMORY = "the rows are in memory already; workers would change the order of random draws"
_WHOLE = "a checkpoint is always whole, so that a stopped run continues exactly"
_SAMPLES = "samples are always kept in samples.jsonl"
_UPLOADS = "the lab uploads nothing"
_MEASURES = "the lab measures by itself: see stage.evaluation"
_TOKENISED = "the lab tokenises the rows itself"
_COLUMNS = "rewards need every column"
# Fields that no key decides: the lab's way of working does.
FIXED = {
    **dict.fromkeys(
        (
            *("push_to_hub", "hub_token", "hub_private_repo", "hub_model_id", "hub_strategy"),
            *("hub_always_push", "hub_revision", "log_completions_hub_repo"),
            *("trackio_bucket_id", "trackio_static_space_id"),
        ),
        _UPLOADS,
    ),
    **dict.fromkeys(
        (
            *("shuffle_dataset", "train_sampling_strategy", "dataloader_drop_last"),
            *("dataloader_in_order", "accelerator_config"),
        ),
        _ORDER,
    ),
    **dict.fromkeys(
        (
            *("dataloader_num_workers", "dataloader_persistent_workers"),
            *("dataloader_prefetch_factor", "dataloader_multiprocessing_context"),
        ),
        _MEMORY,
    ),
    **dict.fromkeys(
        (
            *("save_only_model", "save_total_limit", "save_on_each_node"),
            *("enable_jit_checkpoint", "restore_callback_states_from_checkpoint"),
        ),
        _WHOLE,
    ),
    **dict.fromkeys(
        (
            *("eval_delay", "prediction_loss_only", "eval_do_concat_batches"),
            *("eval_use_gather_object", "eval_accumulation_steps", "include_for_metrics"),
            *("batch_eval_metrics", "bf16_full_eval", "fp16_full_eval"),
        ),
        _MEASURES,
    ),
    **dict.fromkeys(("dataset_kwargs", "dataset_text_field", "dataset_num_proc"), _TOKENISED),
    **dict.fromkeys(
        ("log_completions", "log_multimodal", "log_unique_prompts", "num_completions_to_print"),
        _SAMPLES,
    ),
    **dict.fromkeys(("remove_unused_columns", "label_names", "length_column_name"), _COLUMNS),
    "dataloader_pin_memory": "it follows the device",
    "auto_find_batch_size": "the batch would change unseen; lower "
    "stage.per_device_train_batch_size and raise stage.gradient_accumulation_steps",
    "do_train": "the stage decides",
    "do_predict": "the stage decides",
    "disable_tqdm": "the lab shows its own progress bar",
    "assistant_only_loss": "only the assistant's tokens carry loss, always",
    "completion_only_loss": "only the assistant's tokens carry loss, always",
    **dict.fromkeys(
        ("load_best_model_at_end", "metric_for_best_model", "greater_is_better"),
        "the last weights are kept, so that a run repeats exactly",
    ),
}


@cache
def fields() -> dict[str, dict[str, str]]:
    """Fields of TRL's configs by stage kind, each with the kinds of value it takes."""
    lock = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    known: dict[str, dict[str, str]] = lock["fields"]
    return known


def check_trl(kind: str, given: Mapping[str, Any]) -> list[Problem]:
    """Problems of `stage.trl`: unknown names, names that the lab owns, wrong kinds of value."""
    if kind not in VERBS or VERBS[kind].trl_config is None:
        return []
    return [p for name, value in given.items() for p in _check(kind, str(name), value)]


def _check(kind: str, name: str, value: Any) -> list[Problem]:
    key = f"stage.trl.{name}"
    if name in VERBS[kind].model_fields and name not in ("kind", "trl", "evaluation"):
        return [Problem(key, "the lab has its own key for this", f"use stage.{name}=…")]
    if name in OWNERS:
        return [Problem(key, f"is set by the lab from {OWNERS[name]}", f"use {OWNERS[name]}")]
    if name in FIXED:
        return [Problem(key, "cannot be changed", FIXED[name])]
    if name in fields()[kind]:
        return check_kind(key, fields()[kind][name], value)
    free = set(fields()[kind]) - set(OWNERS) - set(FIXED)
    owned = did_you_mean(name, free)
    config = VERBS[kind].trl_config
    return [Problem(key, f"TRL's {config} has no such field", owned if "mean" in owned else "")]
