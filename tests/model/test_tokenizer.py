import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import tokenizer
from reasoning_lab.text.example import Message

CHAT: list[Message] = [
    {"role": "system", "content": "/think"},
    {"role": "user", "content": "12 + 3"},
    {"role": "assistant", "content": "<think>\n12 + 3 = 15\n</think>\n<answer>15</answer>"},
]


def pieces(words: PreTrainedTokenizerBase, text: str) -> list[str]:
    return [words.decode([token]) for token in words(text)["input_ids"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", ["2", "0", "2", "4"]),
        ("12 + 34", ["1", "2", " +", " ", "3", "4"]),
        ("<think>\n7", ["<think>", "\n", "7"]),
        ("</think>\n<answer>1</answer>", ["</think>", "\n", "<answer>", "1", "</answer>"]),
        ("/think", ["/think"]),
        ("/no_think", ["/no_think"]),
        ("<|im_start|>assistant\n", ["<|im_start|>", "assistant", "\n"]),
        ("<|im_start|>system", ["<|im_start|>", "system"]),
    ],
)
def test_pieces(built: PreTrainedTokenizerBase, text: str, expected: list[str]) -> None:
    assert pieces(built, text) == expected


# The session fixture cannot be given to hypothesis' inner function anew for each example, and
# need not be: a tokenizer does not change.
WORDS = tokenizer.build(["one + two = three"] * 4, 300)


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    expected = unicodedata.normalize("NFC", text)
    assert WORDS.decode(WORDS(text)["input_ids"], skip_special_tokens=False) == expected


@given(st.text(alphabet=" \n\t\r0123456789+-=<>/thinkanswer.\\{}", max_size=40))
def test_spaces_and_tags_come_back_with_special_tokens_skipped(text: str) -> None:
    assert WORDS.decode(WORDS(text)["input_ids"], skip_special_tokens=True) == text


def test_marks_are_dropped_and_tags_are_kept(built: PreTrainedTokenizerBase) -> None:
    text = "<think>1</think><answer>2</answer>"
    ids = built(f"<|im_start|>{text}<|im_end|><|pad|>")["input_ids"]
    assert built.decode(ids, skip_special_tokens=True) == text


def test_the_template_renders_chatml_and_marks_the_reply(built: PreTrainedTokenizerBase) -> None:
    reply = CHAT[2]["content"]
    prompt = "<|im_start|>system\n/think<|im_end|>\n<|im_start|>user\n12 + 3<|im_end|>\n"
    prompt += "<|im_start|>assistant\n"
    assert built.apply_chat_template(CHAT, tokenize=False) == f"{prompt}{reply}<|im_end|>\n"
    asked = built.apply_chat_template(CHAT[:2], tokenize=False, add_generation_prompt=True)
    assert asked == prompt
    encoded = built.apply_chat_template(CHAT, return_dict=True, return_assistant_tokens_mask=True)
    pairs = zip(encoded["input_ids"], encoded["assistant_masks"], strict=True)
    assert built.decode([token for token, marked in pairs if marked]) == f"{reply}<|im_end|>"


def test_the_same_corpus_gives_the_same_tokenizer(
    corpus: list[str], built: PreTrainedTokenizerBase
) -> None:
    again = tokenizer.build(iter(corpus), 400)
    assert again.backend_tokenizer.to_str() == built.backend_tokenizer.to_str()
    assert len(again) <= 400


@pytest.mark.parametrize(("corpus", "size"), [(["text"], 100), ([], 400), (["<think>"], 400)])
def test_what_cannot_be_built_is_an_error(corpus: list[str], size: int) -> None:
    with pytest.raises(ArtifactError):
        tokenizer.build(corpus, size)
