from pathlib import Path

import pytest
from transformers import AutoTokenizer, GenerationConfig, PreTrainedTokenizerBase, Qwen2ForCausalLM

from reasoning_lab.model import marks, scratch
from reasoning_lab.schema.model import Scratch


@pytest.fixture
def words(shipped: Path) -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(shipped)


@pytest.fixture
def own(sizes: Scratch, words: PreTrainedTokenizerBase) -> Qwen2ForCausalLM:
    return scratch.network(sizes, words, max_length=64, seed=0)


def test_sound_marks_stay(words: PreTrainedTokenizerBase, own: Qwen2ForCausalLM) -> None:
    assert marks.settle(own, words) == (2,)
    assert (words.eos_token, words.pad_token) == ("<|im_end|>", "<|pad|>")


@pytest.mark.parametrize("pad", [None, "<|im_end|>"])
def test_padding_is_never_the_end(
    words: PreTrainedTokenizerBase, own: Qwen2ForCausalLM, pad: str | None
) -> None:
    words.pad_token = pad
    assert marks.settle(own, words) == (2,)
    assert words.pad_token == "<|pad|>"
    assert own.generation_config.pad_token_id == own.config.pad_token_id == 0


def test_the_templates_end_becomes_the_tokenizers(
    words: PreTrainedTokenizerBase, own: Qwen2ForCausalLM
) -> None:
    """A base model's end of text is not the end of a turn; both stop a completion."""
    words.eos_token = "<|im_start|>"
    own.generation_config = GenerationConfig(eos_token_id=[1, 0])
    assert marks.settle(own, words) == (2, 1, 0)
    assert words.eos_token == "<|im_end|>"
    assert own.generation_config.eos_token_id == [2, 1, 0]
    assert own.config.eos_token_id == 2


def test_without_a_spare_token_padding_falls_back_with_a_warning(
    own: Qwen2ForCausalLM, words: PreTrainedTokenizerBase, caplog: pytest.LogCaptureFixture
) -> None:
    words.chat_template = "{% for m in messages %}{{ m.content }}<|pad|>{% endfor %}"
    words.pad_token = None
    assert marks.settle(own, words)[0] == 0
    assert words.pad_token == "<|pad|>"
    assert "no token to pad with" in caplog.text
