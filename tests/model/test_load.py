import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import get_peft_model
from transformers import PreTrainedTokenizerBase

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import adapters
from reasoning_lab.model.load import Loaded
from reasoning_lab.schema.model import Model, Scratch
from reasoning_lab.schema.peft import Lora

Loading = Callable[..., Loaded]


def test_a_folder_loads_as_it_was_saved(
    loaded: Loaded, built: PreTrainedTokenizerBase, network: torch.nn.Module
) -> None:
    assert loaded.eos_ids == (built.eos_token_id,)
    assert loaded.parents == ()
    assert loaded.model.dtype == torch.float32
    assert loaded.model.config._attn_implementation == "sdpa"
    for (name, ours), theirs in zip(
        loaded.model.named_parameters(), network.parameters(), strict=True
    ):
        assert torch.equal(ours, theirs), name


def test_scratch_builds_tokenizer_and_network(
    loading: Loading, sizes: Scratch, corpus: list[str]
) -> None:
    state = torch.get_rng_state()
    first, again, other = (
        loading("scratch", scratch=sizes, seed=seed, corpus=corpus).model.state_dict()
        for seed in (1, 1, 2)
    )
    assert torch.equal(state, torch.get_rng_state())
    name = "model.layers.0.mlp.up_proj.weight"
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first[name], other[name])


def test_scratch_takes_another_models_tokenizer(
    loading: Loading, sizes: Scratch, built: PreTrainedTokenizerBase, shipped: Path
) -> None:
    other = sizes.model_copy(update={"tokenizer": str(shipped)})
    made = loading("scratch", scratch=other)
    assert made.model.config.vocab_size == len(made.tokenizer)
    small = other.model_copy(update={"vocab_size": len(built) - 1})
    with pytest.raises(ArtifactError, match=r"use model\.scratch\.vocab_size="):
        loading("scratch", scratch=small)


def test_scratch_without_a_text_builds_no_tokenizer(loading: Loading, sizes: Scratch) -> None:
    with pytest.raises(ArtifactError, match="there is no training text"):
        loading("scratch", scratch=sizes)


def fewer_rows(text: bytes) -> bytes:
    config = json.loads(text)
    config["added_tokens"].append({**config["added_tokens"][-1], "id": 300, "content": "<more>"})
    return json.dumps(config).encode()


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("tokenizer.json", None, "has no tokenizer"),
        ("config.json", None, "holds no model"),
        ("model.safetensors", None, "cannot be loaded"),
        ("model.safetensors", lambda data: data[: len(data) // 2], "cannot be loaded"),
        ("tokenizer.json", lambda data: data[:12], "cannot be loaded"),
        ("tokenizer.json", fewer_rows, "embeds only"),
        ("chat_template.jinja", None, "has no chat template"),
    ],
)
def test_a_broken_folder(
    loading: Loading, copy: Path, name: str, change: Callable[[bytes], bytes] | None, says: str
) -> None:
    if change is None:
        (copy / name).unlink()
    else:
        (copy / name).write_bytes(change((copy / name).read_bytes()))
    with pytest.raises(ArtifactError, match=says):
        loading(copy)


def test_the_labs_template_replaces_a_missing_one(loading: Loading, copy: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    assert loading(copy, chat_template="chatml").tokenizer.chat_template


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("Qwen/Qwen2.5-0.5B-Instruct", "HF_HUB_OFFLINE is set"),
        ("not a hub id", "neither a folder nor a hub id"),
        ("/no/such/folder", "there is no folder"),
        ("./no_such_folder", "there is no folder"),
        ("embedded:nothing_like_it", "is shipped"),
        ("run:nothing@latest", "nothing"),
    ],
)
def test_a_path_that_leads_nowhere(loading: Loading, path: str, says: str) -> None:
    with pytest.raises(ArtifactError, match=says):
        loading(path)


@pytest.mark.parametrize("kind", ["lora", "rslora", "dora", "qlora"])
def test_an_adapter_is_merged_into_its_base(
    describe: Callable[..., Model], loading: Loading, copy: Path, tmp_path: Path, kind: str
) -> None:
    quantized = kind == "qlora"
    base = loading(copy, quantize=quantized)
    plan = Lora(kind=kind, r=4, alpha=8, dropout=0.0, target_modules=("q_proj", "up_proj"))
    tuned = get_peft_model(base.model, adapters.peft_config(plan, base.model)).eval()
    prompt = base.tokenizer("12 + 3", return_tensors="pt")
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_B" in name:
                weight.normal_()
        expected = tuned(**prompt).logits
    adapter = tmp_path / "adapter"
    tuned.save_pretrained(adapter)
    base.tokenizer.save_pretrained(adapter)
    adapters.record_base(adapter, describe(str(copy)), (), quantized=quantized)
    with torch.no_grad():
        assert torch.allclose(loading(adapter).model(**prompt).logits, expected, atol=1e-4)
    shutil.rmtree(copy)
    with pytest.raises(ArtifactError, match="the adapter's base: there is no folder"):
        loading(adapter)
