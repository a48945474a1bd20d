"""A Qwen2-type network with random weights: small enough for a CPU, known to every tool."""

import torch
from transformers import GenerationConfig, PreTrainedTokenizerBase, Qwen2Config, Qwen2ForCausalLM

from reasoning_lab.errors import ArtifactError
from reasoning_lab.schema.model import Scratch


def network(
    scratch: Scratch, tokenizer: PreTrainedTokenizerBase, *, max_length: int, seed: int
) -> Qwen2ForCausalLM:
    """Build the float32 network of `scratch` with one embedding row per token of `tokenizer`.

    Input and output embeddings are tied; rotary base 10 000. The weights depend on `seed` alone,
    and the global random state is left as it was. Raises `ArtifactError` for too many tokens.
    """
    if len(tokenizer) > scratch.vocab_size:
        raise ArtifactError.one(
            "model.scratch.vocab_size",
            f"{scratch.vocab_size} is less than the tokenizer's {len(tokenizer)} tokens",
            f"use model.scratch.vocab_size={len(tokenizer)}",
        )
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=scratch.hidden_size,
        intermediate_size=scratch.intermediate_size,
        num_hidden_layers=scratch.num_hidden_layers,
        num_attention_heads=scratch.num_attention_heads,
        num_key_value_heads=scratch.num_attention_heads,
        max_position_embeddings=max_length,
        initializer_range=scratch.initializer_range,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        tie_word_embeddings=True,
        use_sliding_window=False,
        attention_dropout=0.0,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="float32",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(config)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    return model
