"""Load a model and its tokenizer: from the package, the hub, a folder, a run, or from scratch."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import chat, contract, device, marks, scratch, tokenizer, weights
from reasoning_lab.model.source import locate
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model
from reasoning_lab.text.example import Message


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to train or sample, its tokenizer, the runs it came from, the token ids that
    end a completion (the first is the one trainers learn), and what its prompts already open of
    the assistant's words: "", or `<think>` and what follows it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    parents: tuple[Parent, ...]
    eos_ids: tuple[int, ...]
    opening: str = ""


def load(
    model: Model,
    hardware: Hardware,
    *,
    output: Path,
    seed: int,
    corpus: Iterable[str] | None = None,
    quantize: bool = False,
    full_weights: bool = False,
) -> Loaded:
    """Load what `model` names onto the device of `hardware`, and check that it can be spoken with.

    `output` is the folder of all runs, where `run:` references are looked up; `seed` draws a
    scratch network's weights; `corpus` is the text its tokenizer is built from; `quantize` loads
    frozen 4-bit weights for QLoRA; `full_weights` says that every weight will be trained, which
    makes `dtype: auto` float32 even where the trainer computes in bfloat16: an update smaller than
    a bfloat16 can hold would otherwise be lost. An adapter is merged into its base. No code from
    the hub is ever run. Raises `ArtifactError`.
    """
    if full_weights and model.dtype == "auto":
        model = model.model_copy(update={"dtype": "float32"})
    if model.scratch is not None:
        if quantize:
            raise ArtifactError.one("peft", "a model from scratch has nothing to quantize")
        network, words, parents = _from_scratch(model, output, seed, corpus)
    else:
        source = locate(model.path, model.revision, output=output)
        words = weights.tokenizer(source)
        network, parents = weights.network(
            source, model, hardware, output=output, quantize=quantize
        )
    if model.chat_template is not None:
        words.chat_template = chat.read(model.chat_template)
    contract.check_template(words)
    if model.system_prompt is not None:
        asked: list[Message] = [
            {"role": "system", "content": model.system_prompt},
            {"role": "user", "content": "1 + 1?"},
        ]
        contract.check_turns(words, asked, "model.system_prompt")
    eos_ids = marks.settle(network, words)
    contract.check(words, network, eos_ids)
    if not quantize:
        network = network.to(device.dtype(hardware, model.dtype))
        if hardware.strategy in ("single", "ddp"):
            network = network.to(device.pick(hardware))
    return Loaded(network, words, parents, eos_ids, contract.opening(words))


def _from_scratch(
    model: Model, output: Path, seed: int, corpus: Iterable[str] | None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, tuple[Parent, ...]]:
    """A random network, and its tokenizer built from `corpus` or taken from another model."""
    sizes = model.scratch
    assert sizes is not None
    parents: tuple[Parent, ...] = ()
    if sizes.tokenizer != "build":
        source = locate(sizes.tokenizer, None, output=output, where="model.scratch.tokenizer")
        words = weights.tokenizer(source)
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
