"""Low-rank adapters: LoRA (arXiv:2106.09685), rank-stabilised LoRA (arXiv:2312.03732), DoRA
(arXiv:2402.09353), QLoRA (arXiv:2305.14314)."""

import json
from collections.abc import Sequence
from pathlib import Path

from peft import LoraConfig
from torch import nn
from transformers import PreTrainedModel

from reasoning_lab.errors import ArtifactError, Problem
from reasoning_lab.records.atomic import write_json
from reasoning_lab.runs.artifacts import pinned_to
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.model import Model
from reasoning_lab.schema.peft import Lora, NoAdapter
from reasoning_lab.schema.suggest import did_you_mean

QUANTIZED_BASE = "quantized_base.json"
"""Beside an adapter that was trained over 4-bit weights (QLoRA)."""


def peft_config(peft: NoAdapter | Lora, model: PreTrainedModel) -> LoraConfig | None:
    """PEFT's configuration for `peft` on `model`, or None when every weight is trained.

    Raises `ArtifactError` naming every target module that `model` does not have.
    """
    if isinstance(peft, NoAdapter):
        return None
    whole = peft.target_modules == ("all-linear",)
    if not whole:
        _check_targets(peft.target_modules, model)
    return LoraConfig(
        r=peft.r,
        lora_alpha=peft.alpha,
        lora_dropout=peft.dropout,
        target_modules="all-linear" if whole else list(peft.target_modules),
        use_dora=peft.kind == "dora",
        use_rslora=peft.kind == "rslora",
        task_type="CAUSAL_LM",
    )


def record_base(
    folder: Path, base: Model, parents: Sequence[Parent], *, quantized: bool = False
) -> None:
    """Make the adapter saved in `folder` name the base that `load` will find again.

    PEFT writes the folder where the base happened to lie. Recorded instead is how it was asked
    for: `embedded:NAME`, a hub id with its revision, the absolute folder, or the very run that
    `run:NAME@latest` meant, with its content hash (`parents` are those of the loaded base).
    A base that was `quantized` to 4 bits is said to be so in a file of its own: what the adapter
    learned stands on the rounded weights, and is merged into these. Without an adapter in `folder`
    nothing is done.
    """
    file = folder / "adapter_config.json"
    if not file.is_file():
        return
    path = Path(base.path).expanduser()
    reference = str(path.resolve()) if path.is_dir() else base.path
    if base.path.startswith("run:"):
        reference = f"run:{parents[0].path}{pinned_to(parents[0])}"
    config = json.loads(file.read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": reference, "revision": base.revision}
    write_json(file, config)
    if quantized:
        write_json(folder / QUANTIZED_BASE, {"kind": "nf4", "double": True})


def _check_targets(wanted: tuple[str, ...], model: PreTrainedModel) -> None:
    """Name every wanted module that is no linear layer of `model`, but for its output layer."""
    head, kind = model.get_output_embeddings(), type(model).__name__
    present = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and module is not head
    }
    problems = [
        Problem(
            "peft.target_modules",
            f"{kind} has no linear layer {name!r}",
            did_you_mean(name, present),
        )
        for name in wanted
        if name not in present
    ]
    if problems:
        raise ArtifactError(*problems)
