from __future__ import annotations

import pytest
from peft import get_peft_model
from transformers import Qwen2ForCausalLM

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.adapters import peft_config
from reasoning_lab.schema.peft import Lora, NoAdapter


def lora(*targets: str, kind: str = "lora") -> Lora:
    return Lora(kind=kind, r=2, alpha=4.0, dropout=0.1, target_modules=targets)


def test_no_adapter_has_no_configuration(network: Qwen2ForCausalLM) -> None:
    assert peft_config(NoAdapter(kind="none"), network) is None


@pytest.mark.parametrize(("kind", "dora"), [("lora", False), ("qlora", False), ("dora", True)])
def test_kinds(network: Qwen2ForCausalLM, kind: str, dora: bool) -> None:
    config = peft_config(lora("q_proj", kind=kind), network)
    assert config is not None
    assert (config.r, config.lora_alpha, config.lora_dropout) == (2, 4.0, 0.1)
    assert config.use_dora is dora


def test_all_linear_leaves_the_output_layer_out(network: Qwen2ForCausalLM) -> None:
    tuned = get_peft_model(
        Qwen2ForCausalLM(network.config), peft_config(lora("all-linear"), network)
    )
    trained = {name.split(".")[-4] for name, _ in tuned.named_parameters() if "lora_A" in name}
    assert trained >= {"q_proj", "down_proj"}
    assert "lm_head" not in trained


def test_every_unknown_target_is_named(network: Qwen2ForCausalLM) -> None:
    with pytest.raises(ArtifactError) as caught:
        peft_config(lora("q_proj", "qproj", "c_attn_zzz"), network)
    near, far = caught.value.problems
    assert "'qproj'" in near.what
    assert near.cure == "did you mean q_proj?"
    assert "'c_attn_zzz'" in far.what
    assert "down_proj" in far.cure
