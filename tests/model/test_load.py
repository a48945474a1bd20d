from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from peft import get_peft_model
from transformers import PreTrainedTokenizerBase

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import adapters
from reasoning_lab.model.load import Loaded, load
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model, Scratch
from reasoning_lab.schema.peft import Lora

Describe = Callable[..., Model]


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped, tmp_path / "copy"))


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
    describe: Describe, sizes: Scratch, hardware: Hardware, corpus: Sequence[str], tmp_path: Path
) -> None:
    def build(seed: int) -> Loaded:
        wanted = describe("scratch", scratch=sizes)
        return load(wanted, hardware, output=tmp_path, seed=seed, corpus=corpus)

    state = torch.get_rng_state()
    first, again, other = (build(seed).model.state_dict() for seed in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    name = "model.layers.0.mlp.up_proj.weight"
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first[name], other[name])


def test_scratch_takes_another_models_tokenizer(
    describe: Describe, sizes: Scratch, hardware: Hardware, shipped: Path, tmp_path: Path
) -> None:
    wanted = describe("scratch", scratch=sizes.model_copy(update={"tokenizer": str(shipped)}))
    made = load(wanted, hardware, output=tmp_path, seed=0)
    assert made.model.config.vocab_size == len(made.tokenizer)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "there is no training text"),
        ({"hidden_size": 33}, "does not split into 2 heads"),
        ({"tokenizer": "SHIPPED", "vocab_size": 300}, "use model.scratch.vocab_size="),
    ],
)
def test_scratch_sizes_that_clash(
    describe: Describe,
    sizes: Scratch,
    hardware: Hardware,
    corpus: Sequence[str],
    built: PreTrainedTokenizerBase,
    shipped: Path,
    tmp_path: Path,
    changes: dict[str, object],
    says: str,
) -> None:
    if changes.get("tokenizer") == "SHIPPED":
        changes = {"tokenizer": str(shipped), "vocab_size": len(built) - 1}
    wanted = describe("scratch", scratch=sizes.model_copy(update=changes))
    text = corpus if changes else None
    with pytest.raises(ArtifactError, match=says):
        load(wanted, hardware, output=tmp_path, seed=0, corpus=text)


def no_tokenizer(folder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()


def no_model(folder: Path) -> None:
    (folder / "config.json").unlink()


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def torn_weights(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def torn_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"version": ')


def fewer_rows(folder: Path) -> None:
    config = json.loads((folder / "tokenizer.json").read_text())
    config["added_tokens"].append({**config["added_tokens"][-1], "id": 300, "content": "<more>"})
    (folder / "tokenizer.json").write_text(json.dumps(config))


def no_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (no_tokenizer, "has no tokenizer"),
        (no_model, "holds no model"),
        (no_weights, "cannot be loaded"),
        (torn_weights, "cannot be loaded"),
        (torn_tokenizer, "cannot be loaded"),
        (fewer_rows, "embeds only"),
        (no_template, "has no chat template"),
        (shutil.rmtree, "there is no folder"),
    ],
)
def test_a_broken_folder(
    describe: Describe, hardware: Hardware, copy: Path, breaks: Callable[[Path], None], says: str
) -> None:
    breaks(copy)
    with pytest.raises(ArtifactError, match=says):
        load(describe(str(copy)), hardware, output=copy.parent, seed=0)


def test_the_labs_template_replaces_a_missing_one(
    describe: Describe, hardware: Hardware, copy: Path
) -> None:
    no_template(copy)
    wanted = describe(str(copy), chat_template="chatml")
    assert load(wanted, hardware, output=copy.parent, seed=0).tokenizer.chat_template
    with pytest.raises(ArtifactError, match=r"did you mean chatml\?"):
        load(describe(str(copy), chat_template="chatnl"), hardware, output=copy.parent, seed=0)


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
def test_a_path_that_leads_nowhere(
    describe: Describe, hardware: Hardware, tmp_path: Path, path: str, says: str
) -> None:
    with pytest.raises(ArtifactError, match=says):
        load(describe(path), hardware, output=tmp_path, seed=0)


@pytest.mark.parametrize("kind", ["lora", "dora"])
def test_an_adapter_is_merged_into_its_base(
    describe: Describe, hardware: Hardware, copy: Path, tmp_path: Path, kind: str
) -> None:
    base = load(describe(str(copy)), hardware, output=tmp_path, seed=0)
    plan = Lora(kind=kind, r=4, alpha=8, dropout=0.0, target_modules=("q_proj", "up_proj"))
    tuned = get_peft_model(base.model, adapters.peft_config(plan, base.model)).eval()
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    prompt = base.tokenizer("12 + 3", return_tensors="pt")
    with torch.no_grad():
        expected = tuned(**prompt).logits
    tuned.save_pretrained(tmp_path / "adapter")
    base.tokenizer.save_pretrained(tmp_path / "adapter")
    adapters.record_base(tmp_path / "adapter", describe(str(copy)), ())
    merged = load(describe(str(tmp_path / "adapter")), hardware, output=tmp_path, seed=0)
    with torch.no_grad():
        assert torch.allclose(merged.model(**prompt).logits, expected, atol=1e-4)
    shutil.rmtree(copy)
    with pytest.raises(ArtifactError, match="the adapter's base: there is no folder"):
        load(describe(str(tmp_path / "adapter")), hardware, output=tmp_path, seed=0)


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is missing without CUDA")
def test_four_bit_weights_need_cuda(
    describe: Describe, hardware: Hardware, shipped: Path, tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError, match="QLoRA needs a CUDA device"):
        load(describe(str(shipped)), hardware, output=tmp_path, seed=0, quantize=True)
