from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import embedded


def test_an_export_holds_the_shipped_form_and_verifies(copy: Path) -> None:
    assert {file.name for file in copy.iterdir()} == set(embedded.FILES) - {embedded.CARD}
    embedded.verify(copy)
    (copy / embedded.CARD).write_text("# Card\n")
    embedded.seal(copy)
    embedded.verify(copy)


def test_an_export_is_float32_and_leaves_the_model_as_it_was(
    network: Qwen2ForCausalLM, built: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    half = Qwen2ForCausalLM(network.config).to(torch.bfloat16)
    embedded.export(half, built, tmp_path / "half")
    weights = load_file(tmp_path / "half" / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    assert '"dtype": "float32"' in (tmp_path / "half" / "config.json").read_text()
    assert half.dtype == torch.bfloat16
    assert "lm_head.weight" not in weights, "tied weights are stored once"


@pytest.mark.parametrize("name", embedded.WEIGHTS)
def test_damage_and_loss_are_found(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(bytes(data))
    with pytest.raises(ArtifactError, match=f"{name}: is damaged"):
        embedded.verify(copy)
    (copy / name).unlink()
    with pytest.raises(ArtifactError, match=f"{name}: is missing"):
        embedded.verify(copy)


def test_a_foreign_file_is_not_sealed(copy: Path) -> None:
    (copy / "optimizer.pt").write_bytes(b"")
    with pytest.raises(ArtifactError, match=r"has optimizer\.pt too"):
        embedded.seal(copy)


def test_every_shipped_model_is_whole() -> None:
    for name in embedded.names():
        embedded.path(name)


def test_a_wrong_name_is_an_error() -> None:
    with pytest.raises(ArtifactError, match="no model 'tinny' is shipped"):
        embedded.path("tinny")
