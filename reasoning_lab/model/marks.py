"""Settle how a tokenizer marks the end of a turn and padding.

Real models disagree: an instruct model may stop at several tokens, a base model's end token may
not be its chat template's, and some pad with the very token that ends a turn. Wherever padding
is masked by its id, the end would be masked too and never be learned, so the two are kept apart.
"""

import logging

from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

_LOG = logging.getLogger(__name__)

_PADS = ("<|pad|>", "<pad>", "[PAD]", "<|endoftext|>", "<|finetune_right_pad_id|>", "<|fim_pad|>")
"""Tokens that well-known tokenizers keep for padding, or never write in a chat."""


def settle(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """Make the end of a turn and padding unambiguous; return the ids that end a completion.

    The tokenizer's `eos_token` becomes the token with which the chat template closes the
    assistant's turn, when it closes it with one; trainers know only that one. Every end id of
    the model's generation config counts as well. Padding moves to a token that ends nothing.
    Tokenizer, model config and generation config agree afterwards.
    """
    model.generation_config = model.generation_config or GenerationConfig()
    listed = model.generation_config.eos_token_id
    listed = [listed] if isinstance(listed, int) else list(listed or ())
    given = tokenizer.eos_token_id
    closing = closing_token(tokenizer)
    if closing is not None:
        tokenizer.eos_token = tokenizer.convert_ids_to_tokens(closing)
    known = [end for end in (tokenizer.eos_token_id, given, *listed) if end is not None]
    ends = tuple(dict.fromkeys(map(int, known)))
    _separate_padding(tokenizer)
    for config in (model.generation_config, model.config):
        config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.eos_token_id = list(ends) if len(ends) > 1 else next(iter(ends), None)
    model.config.eos_token_id = tokenizer.eos_token_id
    return ends


def closing_token(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """Id of the special token that closes an assistant turn, or None when there is none."""
    if tokenizer.chat_template is None:
        return None
    word = "Yes-7391"
    rendered = tokenizer.apply_chat_template(
        [{"role": "user", "content": "1"}, {"role": "assistant", "content": word}],
        tokenize=False,
    )
    tail = rendered[rendered.rindex(word) + len(word) :] if word in rendered else ""
    ids = tokenizer(tail, add_special_tokens=False)["input_ids"]
    added = tokenizer.added_tokens_decoder
    return next((token for token in ids if token in added and added[token].special), None)


def _separate_padding(tokenizer: PreTrainedTokenizerBase) -> None:
    """Pad with a token that is not the trained end of a turn, where the vocabulary has one."""
    tokenizer.padding_side = "left"
    learned_end = tokenizer.eos_token_id
    if tokenizer.pad_token_id is not None and tokenizer.pad_token_id != learned_end:
        return
    vocabulary = tokenizer.get_vocab()
    for token in (*_PADS, tokenizer.unk_token):
        if token in vocabulary and vocabulary[token] != learned_end:
            tokenizer.pad_token = token
            return
    tokenizer.pad_token = tokenizer.eos_token
    _LOG.warning(
        "the tokenizer has no token to pad with; it pads with its end token %s", tokenizer.eos_token
    )
