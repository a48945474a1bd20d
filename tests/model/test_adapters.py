import json
from collections.abc import Callable
from pathlib import Path

import pytest
from peft import get_peft_model
from transformers import Qwen2ForCausalLM

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.adapters import peft_config, record_base
from reasoning_lab.runs.manifest import Parent
from reasoning_lab.schema.model import Model
from reasoning_lab.schema.peft import Lora, NoAdapter

CONTENT = "0a1b2c3d" * 2


def lora(*targets: str, kind: str = "lora") -> Lora:
    return Lora(kind=kind, r=2, alpha=4.0, dropout=0.1, target_modules=targets)


def test_no_adapter_has_no_configuration(network: Qwen2ForCausalLM) -> None:
    assert peft_config(NoAdapter(kind="none"), network) is None


@pytest.mark.parametrize("kind", ["lora", "qlora", "dora", "rslora"])
def test_kinds(network: Qwen2ForCausalLM, kind: str) -> None:
    config = peft_config(lora("q_proj", kind=kind), network)
    assert config is not None
    assert (config.r, config.lora_alpha, config.lora_dropout) == (2, 4.0, 0.1)
    assert (config.use_dora, config.use_rslora) == (kind == "dora", kind == "rslora")


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


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("embedded:tiny", "embedded:tiny"),
        ("some/model", "some/model"),
        ("run:first@latest", f"run:/runs/first/1/0@sha256:{CONTENT}"),
    ],
)
def test_the_base_is_recorded_as_it_can_be_found_again(
    describe: Callable[..., Model], tmp_path: Path, path: str, expected: str
) -> None:
    config = tmp_path / "adapter_config.json"
    config.write_text(json.dumps({"r": 2, "base_model_name_or_path": "/somewhere"}))
    parent = Parent(id="1", config_hash="0" * 8, path="/runs/first/1/0", content=CONTENT)
    record_base(tmp_path, describe(path, revision="v1"), [parent])
    recorded = json.loads(config.read_text())
    assert recorded == {"r": 2, "base_model_name_or_path": expected, "revision": "v1"}


def test_a_folder_without_an_adapter_is_left_alone(
    describe: Callable[..., Model], tmp_path: Path
) -> None:
    record_base(tmp_path, describe("embedded:tiny"), [])
    assert list(tmp_path.iterdir()) == []
