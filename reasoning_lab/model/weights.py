"""Read a located model's tokenizer and weights; merge an adapter into its base."""

from contextlib import nullcontext
from pathlib import Path

from peft import PeftModel
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import device
from reasoning_lab.model.quiet import no_bars, no_rename_warnings
from reasoning_lab.model.source import Source, locate
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model


def tokenizer(source: Source) -> PreTrainedTokenizerBase:
    """The tokenizer of a located model; raises `ArtifactError` when it cannot be read."""
    try:
        return AutoTokenizer.from_pretrained(
            source.name,
            revision=source.revision,
            local_files_only=source.local_only,
            trust_remote_code=False,
        )
    except (OSError, ValueError, KeyError) as error:
        what = f"the tokenizer of {source.name} cannot be loaded: {_first_line(error)}"
        raise ArtifactError.one("model.path", what) from error


def network(
    source: Source, model: Model, hardware: Hardware, *, output: Path, quantize: bool
) -> tuple[PreTrainedModel, tuple[Parent, ...]]:
    """The network of a located model and the runs it came from, nearest first.

    An adapter's base is located in turn and the adapter merged into it; one that learned over 4-bit
    weights is merged into these, rounded as they were and held in full again: merged into the
    weights before rounding it would be another model than the one that was trained
    (arXiv:2305.14314 has the rounding as part of the model). Raises `ArtifactError`.
    """
    parents = () if source.parent is None else (source.parent,)
    if source.base is None:
        return _read(source, model, hardware, quantize), parents
    if quantize:
        what = f"{source.name} is an adapter and cannot be merged into 4-bit weights"
        raise ArtifactError.one("peft", what, "use peft=lora")
    base = locate(source.base, source.base_revision, output=output, where="the adapter's base")
    rounded = source.base_quantized
    below, older = network(base, model, hardware, output=output, quantize=rounded)
    return _merge(below.dequantize() if rounded else below, source), parents + older


def _read(source: Source, model: Model, hardware: Hardware, quantize: bool) -> PreTrainedModel:
    options = {"quantization_config": _four_bit(hardware, model)} if quantize else {}
    try:
        with no_bars() if source.local_only else nullcontext():
            return AutoModelForCausalLM.from_pretrained(
                source.name,
                revision=source.revision,
                local_files_only=source.local_only,
                trust_remote_code=False,
                dtype=device.dtype(hardware, model.dtype),
                attn_implementation="sdpa" if model.attention == "auto" else model.attention,
                **options,
            )
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        what = f"{source.name} cannot be loaded: {_first_line(error)}"
        raise ArtifactError.one("model.path", what) from error


def _merge(below: PreTrainedModel, source: Source) -> PreTrainedModel:
    """Add an adapter's weights into its base for good."""
    try:
        with no_rename_warnings():
            return PeftModel.from_pretrained(below, source.name).merge_and_unload()
    except (OSError, ValueError, RuntimeError) as error:
        what = f"the adapter {source.name} does not fit its base: {_first_line(error)}"
        raise ArtifactError.one("model.path", what) from error


def _four_bit(hardware: Hardware, model: Model) -> BitsAndBytesConfig:
    """The 4-bit NF4 settings of QLoRA (arXiv:2305.14314), computing in the trainer's type."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=device.dtype(hardware, model.dtype),
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
