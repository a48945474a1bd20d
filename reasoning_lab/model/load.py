"""Load a model and its tokenizer: from the package, the hub, a folder, a run, or from scratch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import chat, contract, device, marks, scratch, tokenizer
from reasoning_lab.model.source import Source, locate
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to train or sample, its tokenizer, the runs it came from, and the token ids
    that end a completion (the first is the one trainers learn)."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    parents: tuple[Parent, ...]
    eos_ids: tuple[int, ...]


def load(
    model: Model,
    hardware: Hardware,
    *,
    output: Path,
    seed: int,
    corpus: Iterable[str] | None = None,
    quantize: bool = False,
) -> Loaded:
    """Load what `model` names onto the device of `hardware`, and check that it can be spoken with.

    `output` is the folder of all runs, where `run:` references are looked up; `seed` draws a
    scratch network's weights; `corpus` is the text its tokenizer is built from; `quantize` loads
    frozen 4-bit weights for QLoRA. An adapter is merged into its base. No code from the hub is
    ever run. Raises `ArtifactError`.
    """
    if model.scratch is not None:
        if quantize:
            raise ArtifactError.one("peft", "a model from scratch has nothing to quantize")
        network, words, parents = _from_scratch(model, output, seed, corpus)
    else:
        source = locate(model.path, model.revision, output=output)
        words = _tokenizer(source, model.revision)
        network, parents = _weights(source, model, hardware, output, quantize)
    if model.chat_template is not None:
        words.chat_template = chat.read(model.chat_template)
    contract.check_template(words)
    eos_ids = marks.settle(network, words)
    contract.check(words, eos_ids=eos_ids, vocab_size=network.get_input_embeddings().num_embeddings)
    if not quantize:
        network = network.to(device.dtype(hardware, model.dtype))
        if hardware.strategy in ("single", "ddp"):
            network = network.to(device.pick(hardware))
    return Loaded(network, words, parents, eos_ids)


def _from_scratch(
    model: Model, output: Path, seed: int, corpus: Iterable[str] | None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, tuple[Parent, ...]]:
    """A random network, and its tokenizer built from `corpus` or taken from another model."""
    sizes = model.scratch
    assert sizes is not None
    parents: tuple[Parent, ...] = ()
    if sizes.tokenizer != "build":
        source = locate(sizes.tokenizer, None, output=output, where="model.scratch.tokenizer")
        words = _tokenizer(source, None)
        parents = () if source.parent is None else (source.parent,)
    elif corpus is None:
        raise ArtifactError.one(
            "model.scratch.tokenizer", "there is no training text to build it from", "use stage=sft"
        )
    else:
        words = tokenizer.build(corpus, sizes.vocab_size)
    network = scratch.network(sizes, words, max_length=model.max_length, seed=seed)
    if model.attention not in ("auto", "sdpa"):
        network.set_attn_implementation(model.attention)
    return network, words, parents


def _tokenizer(source: Source, revision: str | None) -> PreTrainedTokenizerBase:
    """The tokenizer of a located model."""
    try:
        return AutoTokenizer.from_pretrained(
            source.name,
            revision=revision or "main",
            local_files_only=source.local_only,
            trust_remote_code=False,
        )
    except (OSError, ValueError, KeyError) as error:
        raise ArtifactError.one(
            "model.path", f"the tokenizer of {source.name} cannot be loaded: {_first_line(error)}"
        ) from error


def _weights(
    source: Source, model: Model, hardware: Hardware, output: Path, quantize: bool
) -> tuple[PreTrainedModel, tuple[Parent, ...]]:
    """The network of a located model; an adapter's base is located in turn and merged."""
    parents = () if source.parent is None else (source.parent,)
    if source.base is not None:
        if quantize:
            raise ArtifactError.one(
                "peft",
                f"{source.name} is an adapter and cannot be merged into 4-bit weights",
                "use peft=lora",
            )
        base = locate(source.base, source.base_revision, output=output, where="the adapter's base")
        network, older = _weights(base, model, hardware, output, quantize)
        return _merge(network, source), parents + older
    attention = "sdpa" if model.attention == "auto" else model.attention
    options = {"quantization_config": _four_bit(hardware)} if quantize else {}
    try:
        network = AutoModelForCausalLM.from_pretrained(
            source.name,
            revision=model.revision or "main",
            local_files_only=source.local_only,
            trust_remote_code=False,
            dtype=device.dtype(hardware, model.dtype),
            attn_implementation=attention,
            **options,
        )
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise ArtifactError.one(
            "model.path", f"{source.name} cannot be loaded: {_first_line(error)}"
        ) from error
    return network, parents


def _merge(network: PreTrainedModel, source: Source) -> PreTrainedModel:
    """Add an adapter's weights into its base for good."""
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(network, source.name).merge_and_unload()
    except (OSError, ValueError, RuntimeError) as error:
        raise ArtifactError.one(
            "model.path", f"the adapter {source.name} does not fit its base: {_first_line(error)}"
        ) from error


def _four_bit(hardware: Hardware) -> object:
    """The 4-bit NF4 settings of QLoRA (arXiv:2305.14314)."""
    if device.pick(hardware).type != "cuda":
        raise ArtifactError.one("peft", "QLoRA needs a CUDA device", "use peft=lora")
    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        raise ArtifactError.one(
            "peft", "QLoRA needs bitsandbytes", "pip install bitsandbytes, or use peft=lora"
        ) from None
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
