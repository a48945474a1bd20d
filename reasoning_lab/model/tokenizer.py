"""A small byte-level BPE tokenizer, learned from the training text.

Each digit is a token of its own, so that a number's digits always stand in the same place; the
chat marks and the think and answer tags are single tokens; all 256 bytes are in the vocabulary,
so any text can be written and comes back exactly (but for Unicode normalisation to NFC).

It is a `Qwen2Tokenizer` with its own vocabulary. The class matters: beside a `config.json` of
type `qwen2`, `AutoTokenizer` builds that class whatever the saved files say, so a tokenizer with
other splitting rules would silently encode text otherwise than it was trained to.
"""

import json
import re
from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, models, trainers
from tokenizers.pre_tokenizers import ByteLevel
from transformers import Qwen2Tokenizer

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import chat

PAD = "<|pad|>"
TURN = "<|im_start|>"
END = "<|im_end|>"
MARKS = (PAD, TURN, END)
"""Special tokens: decoding with `skip_special_tokens=True` drops them."""
TAGS = ("<think>", "</think>", "<answer>", "</answer>", "/think", "/no_think")
"""Single tokens that are part of what the model says: decoding always keeps them."""
ROLES = ("system", "user", "assistant")
SMALLEST = 256 + len(MARKS) + len(TAGS)
"""The vocabulary without a single learned merge."""

_TAG = re.compile("|".join(re.escape(tag) for tag in (*MARKS, *TAGS)))


def build(corpus: Iterable[str], vocab_size: int) -> Qwen2Tokenizer:
    """Learn a tokenizer of at most `vocab_size` tokens (a small corpus may yield fewer).

    The same corpus in the same order yields the same tokenizer. Raises `ArtifactError` when
    `vocab_size` cannot hold the bytes, marks and tags, or the corpus is empty.
    """
    if vocab_size < SMALLEST:
        raise ArtifactError.one(
            "model.scratch.vocab_size", f"{vocab_size} is too small", f"use at least {SMALLEST}"
        )
    texts = [piece for text in corpus for piece in _TAG.split(text) if piece]
    if not texts:
        raise ArtifactError.one("model.scratch.tokenizer", "there is no text to learn it from")
    learned = _learn(texts, vocab_size - len(TAGS))
    tokenizer = _dress(learned["vocab"], learned["merges"])
    tokenizer.chat_template = chat.read("chatml")
    return tokenizer


def _learn(texts: list[str], vocab_size: int) -> dict:
    """The `vocab` and `merges` of a BPE learned with Qwen2's splitting and normalisation."""
    rules = Qwen2Tokenizer(vocab={}, merges=[], unk_token=None, eos_token=END, pad_token=PAD)
    core = Tokenizer(models.BPE())
    core.normalizer = rules.backend_tokenizer.normalizer
    core.pre_tokenizer = rules.backend_tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        show_progress=False,
        special_tokens=list(MARKS),
        initial_alphabet=ByteLevel.alphabet(),
    )
    # Each role name as often as there are texts: every chat turn spells one.
    roles = [role for role in ROLES for _ in texts]
    core.train_from_iterator([*texts, *roles], trainer)
    return json.loads(core.to_str())["model"]


def _dress(vocab: dict[str, int], merges: list[list[str]]) -> Qwen2Tokenizer:
    """Give a learned BPE its marks, tags and padding side."""
    tokenizer = Qwen2Tokenizer(
        vocab=vocab,
        merges=[tuple(pair) for pair in merges],
        unk_token=None,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[TURN],
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    tokenizer.add_tokens([AddedToken(tag, normalized=False, special=False) for tag in TAGS])
    return tokenizer
