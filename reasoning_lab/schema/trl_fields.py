"""`stage.trl`: any other field of TRL's config, checked by name and kind without importing TRL.

`trl_fields.json` is a generated lock of the pinned TRL's fields; a test keeps it true
(`python tests/door/locks.py` rewrites it).
"""

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
# Fields that the lab sets itself, by the key that decides them.
_SET = {
    "output": "output_dir",
    "seed": "seed data_seed full_determinism",
    "name": "run_name",
    "resume": "resume_from_checkpoint ignore_data_skip",
    "tracker": "report_to trackio_space_id",
    "tracker.project": "project",
    "stage.save_steps": "save_strategy",
    "stage.logging_steps": "logging_strategy",
    "stage.max_steps": "num_train_epochs",
    "stage.packing": "eval_packing",
    MEASURING: "eval_strategy eval_on_start do_eval",
    f"{MEASURING}.every": "eval_steps",
    f"{MEASURING}.batch_size": "per_device_eval_batch_size",
    f"{MEASURING}.samples": "num_generations_eval",
    "hardware.precision": "bf16 fp16",
    "hardware.device": "use_cpu",
    "hardware.gradient_checkpointing": "gradient_checkpointing activation_checkpointing",
    "hardware.strategy": "fsdp fsdp_config deepspeed parallelism_config",
    "hardware.num_processes": "local_rank",
    "model": "model_init_kwargs trust_remote_code",
    "model.chat_template": "chat_template_path",
    "reward.terms.NAME.weight": "reward_weights",
}
# Fields that no key decides, by the reason: the lab's way of working does.
_KEPT = {
    "the lab uploads nothing": """
        push_to_hub hub_token hub_private_repo hub_model_id hub_strategy hub_always_push
        hub_revision log_completions_hub_repo trackio_bucket_id trackio_static_space_id""",
    "rows come in a fixed order, so that a run repeats and resumes exactly": """
        shuffle_dataset train_sampling_strategy dataloader_drop_last dataloader_in_order
        accelerator_config""",
    "the rows are in memory already; workers would change the order of random draws": """
        dataloader_num_workers dataloader_persistent_workers dataloader_prefetch_factor
        dataloader_multiprocessing_context""",
    "a checkpoint is always whole, so that a stopped run continues exactly": """
        save_only_model save_total_limit save_on_each_node enable_jit_checkpoint
        restore_callback_states_from_checkpoint""",
    "the lab measures by itself: see stage.evaluation": """
        eval_delay prediction_loss_only eval_do_concat_batches eval_use_gather_object
        eval_accumulation_steps include_for_metrics batch_eval_metrics bf16_full_eval
        fp16_full_eval""",
    "the lab tokenises the rows itself": "dataset_kwargs dataset_text_field dataset_num_proc",
    "samples are always kept in samples.jsonl": """
        log_completions log_multimodal log_unique_prompts num_completions_to_print""",
    "rewards need every column": "remove_unused_columns label_names length_column_name",
    "it follows the device": "dataloader_pin_memory",
    "the batch would change unseen; lower stage.per_device_train_batch_size and raise "
    "stage.gradient_accumulation_steps": "auto_find_batch_size",
    "the stage decides": "do_train do_predict",
    "the lab shows its own progress bar": "disable_tqdm",
    "only the assistant's tokens carry loss, always": "assistant_only_loss completion_only_loss",
    "the last weights are kept, so that a run repeats exactly": """
        load_best_model_at_end metric_for_best_model greater_is_better""",
}
OWNERS = {name: key for key, names in _SET.items() for name in names.split()}
FIXED = {name: why for why, names in _KEPT.items() for name in names.split()}


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
    cure = did_you_mean(name, free)
    what = f"TRL's {VERBS[kind].trl_config} has no such field"
    return [Problem(key, what, cure if "mean" in cure else "")]
