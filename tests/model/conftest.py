"""A small corpus, and the tokenizer and network built from it."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from reasoning_lab.model import embedded, scratch, tokenizer
from reasoning_lab.model.load import Loaded, load
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model, Scratch

SIZES: dict[str, Any] = {
    "tokenizer": "build",
    "vocab_size": 400,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    # Wide, so that a network without training says different things to different prompts.
    "initializer_range": 0.3,
}


@pytest.fixture(scope="session")
def sizes() -> Scratch:
    return Scratch(**SIZES)


def _describe(path: str, **changes: Any) -> Model:
    fields: dict[str, Any] = {
        "name": "test",
        "path": path,
        "revision": None,
        "dtype": "auto",
        "max_length": 192,
        "max_completion_length": 96,
        "attention": "auto",
        "chat_template": None,
        "system_prompt": None,
        "lora_targets": ("q_proj",),
        "parameters": 1e4,
        "scratch": None,
    }
    return Model(**(fields | changes))


@pytest.fixture(scope="session")
def describe() -> Callable[..., Model]:
    """`describe(path, **changes)` is a whole `Model`."""
    return _describe


@pytest.fixture(scope="session")
def hardware() -> Hardware:
    return Hardware(
        name="cpu",
        device="cpu",
        num_processes=1,
        strategy="single",
        precision="auto",
        threads=1,
        gradient_checkpointing=False,
    )


@pytest.fixture(scope="session")
def corpus() -> list[str]:
    draw = random.Random(0)
    sums = [(draw.randint(10, 99), draw.randint(10, 99)) for _ in range(200)]
    return [
        text
        for a, b in sums
        for text in (
            f"What is the value of {a} + {b}?",
            f"<think>\n{a} + {b} = {a + b}\n</think>\n<answer>{a + b}</answer>",
        )
    ]


@pytest.fixture(scope="session")
def built(corpus: list[str]) -> PreTrainedTokenizerBase:
    return tokenizer.build(corpus, SIZES["vocab_size"])


@pytest.fixture(scope="session")
def network(sizes: Scratch, built: PreTrainedTokenizerBase) -> Qwen2ForCausalLM:
    return scratch.network(sizes, built, max_length=192, seed=0).eval()


@pytest.fixture(scope="session")
def shipped(
    built: PreTrainedTokenizerBase,
    network: Qwen2ForCausalLM,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "small"
    embedded.export(network, built, folder)
    return folder


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    """The shipped model in a folder of the test's own."""
    return Path(shutil.copytree(shipped, tmp_path / "copy"))


@pytest.fixture(scope="session")
def loaded(shipped: Path, hardware: Hardware, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(_describe(str(shipped)), hardware, output=tmp_path_factory.mktemp("runs"), seed=0)


@pytest.fixture
def loading(hardware: Hardware, tmp_path: Path) -> Callable[..., Loaded]:
    """`loading(path, seed=0, corpus=None, quantize=False, **changes of the model)` is loaded."""

    def loading(
        path: str | Path,
        *,
        seed: int = 0,
        corpus: list[str] | None = None,
        quantize: bool = False,
        **changes: Any,
    ) -> Loaded:
        wanted = _describe(str(path), **changes)
        return load(wanted, hardware, output=tmp_path, seed=seed, corpus=corpus, quantize=quantize)

    return loading
