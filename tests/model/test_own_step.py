"""The lab's own decode step against transformers' forward."""

import logging
from typing import Any

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    SmolLM3Config,
    SmolLM3ForCausalLM,
)

from reasoning_lab.sampling.own_step import OwnStep, _apart, quickest_step
from reasoning_lab.sampling.slots import TransformersStep

SIZES: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "initializer_range": 0.3,
    "pad_token_id": 0,
    "attn_implementation": "eager",
}
KNOWN: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "llama": (LlamaForCausalLM, LlamaConfig, {"attention_bias": True}),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config, {}),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config, {"head_dim": 16}),
    "mistral": (MistralForCausalLM, MistralConfig, {"sliding_window": None}),
}


def network(kind: Any, config: Any, **changes: Any) -> PreTrainedModel:
    torch.manual_seed(0)
    return kind(config(**(SIZES | changes))).eval()


@pytest.mark.parametrize("name", KNOWN)
@torch.inference_mode()
def test_known_networks_are_computed_alike(name: str) -> None:
    kind, config, changes = KNOWN[name]
    model = network(kind, config, **changes)
    assert isinstance(quickest_step(model), OwnStep)
    assert _apart(model, TransformersStep(model), OwnStep(model)) < 1e-5


@torch.inference_mode()
def test_others_go_through_transformers() -> None:
    for model in (
        network(SmolLM3ForCausalLM, SmolLM3Config),
        network(MistralForCausalLM, MistralConfig, sliding_window=8),
    ):
        assert isinstance(quickest_step(model), TransformersStep)


@torch.inference_mode()
def test_a_network_that_is_not_computed_alike_is_told(caplog: pytest.LogCaptureFixture) -> None:
    model = network(Qwen2ForCausalLM, Qwen2Config)
    odd = model.model.layers[1].input_layernorm
    odd.register_forward_hook(lambda _, __, given: given * 1.01)
    with caplog.at_level(logging.WARNING):
        assert isinstance(quickest_step(model), TransformersStep)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
