"""What a tokenizer must hold to before anything is trained or measured with it.

A chat template or a tokenizer that is slightly off breaks nothing loudly: prompts lose their
spaces, completions never stop, or the loss falls on the wrong tokens, and only the score shows
it. Each check here fails with one line and its cure.
"""

import re
import tempfile
import unicodedata
from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from transformers import AutoTokenizer, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from reasoning_lab.errors import ArtifactError, Problem
from reasoning_lab.text.example import Message

PROBE = (
    "Say 12 + 345 = 357.\n<think>\nüber  two spaces\n\n</think>\n<answer>-6/7</answer> x_1, 漢字"
)
"""Text with all that has been seen to get lost: digits, tags, newlines, runs of spaces, accents."""

_TEMPLATE_CURE = "set model.chat_template=chatml"
_UNMARKED = "has a chat template that does not mark the assistant's words ({% generation %})"
_NOT_THE_BEGINNING = "renders a prompt that is not the beginning of the answered conversation"
_ASK: list[Message] = [{"role": "user", "content": "What is 12 + 34?"}]
_REPLY: Message = {"role": "assistant", "content": "<answer>46</answer>"}
_ANSWERED = [*_ASK, _REPLY]
_STEPS = "12 + 30 = 42\n42 + 4 = 46"
_THOUGHT: Message = {
    "role": "assistant",
    "content": f"<think>\n{_STEPS}\n</think>\n{_REPLY['content']}",
}
# Words that no template writes by itself.
_TOLD: list[Message] = [{"role": "user", "content": "Pangolins 71"}]
_TOLD_AGAIN: list[Message] = [{"role": "user", "content": "Wombats 82"}]
_AROUND_TAGS = re.compile(r"\s*(</?think>)\s*")


def check(
    tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel, eos_ids: tuple[int, ...]
) -> None:
    """Raise `ArtifactError` for the first clause broken; `eos_ids` are those that end a reply."""
    check_template(tokenizer)
    check_prompt(tokenizer)
    check_round_trip(tokenizer)
    check_end(tokenizer, eos_ids)
    check_vocabulary(tokenizer, eos_ids, model.get_input_embeddings().num_embeddings)
    check_reload(tokenizer, model.config)


def check_template(tokenizer: PreTrainedTokenizerBase) -> None:
    """The chat template exists and renders a user turn and a reply, both to be found in it."""
    if not tokenizer.chat_template:
        raise _broken("has no chat template", _TEMPLATE_CURE)
    try:
        text = tokenizer.apply_chat_template(_ANSWERED, tokenize=False)
    except (TemplateError, TypeError, ValueError) as error:
        raise _broken(f"has a chat template that fails: {error}", _TEMPLATE_CURE) from error
    if _ASK[0]["content"] not in text or _REPLY["content"] not in text:
        raise _broken("has a chat template that leaves out what was said", _TEMPLATE_CURE)


def check_turns(tokenizer: PreTrainedTokenizerBase, prompt: Sequence[Message], where: str) -> None:
    """The chat template takes the turns of `prompt`, and says its system turn where it has one.

    Some models know no system turn (Gemma's template raises an error); `where` is what to blame.
    """
    system = [turn["content"].strip() for turn in prompt if turn["role"] == "system"]
    cure = "set model.chat_template=chatml"
    if system:
        cure = f"use model.system_prompt=null, and rows without a system turn, or {cure}"
    try:
        text = tokenizer.apply_chat_template(
            list(prompt), tokenize=False, add_generation_prompt=True
        )
    except (TemplateError, TypeError, ValueError) as error:
        turns = "a system turn" if system else "the turns of this prompt"
        raise ArtifactError.one(
            where, f"the chat template refuses {turns}: {error}", cure
        ) from error
    if any(said not in text for said in system):
        raise ArtifactError.one(where, "the chat template leaves the system turn out", cure)


def opening(tokenizer: PreTrainedTokenizerBase) -> str:
    """What a prompt already opens of the assistant's words: from an unclosed `<think>` to the end
    of the prompt (`<think>` and a line break for DeepSeek-R1-Distill), "" for most models.
    """
    prompt: str = tokenizer.apply_chat_template(_ASK, tokenize=False, add_generation_prompt=True)
    tail = prompt[prompt.rindex(_ASK[0]["content"]) :]
    before, tag, after = tail.rpartition("<think>")
    return tag + after if before and "</think>" not in after else ""


def check_prompt(tokenizer: PreTrainedTokenizerBase) -> None:
    """The prompt is the beginning of the answered conversation, so that a reply stands where the
    model learned to write it. A template that opens the thinking for the model is excused: it
    leaves the thinking out of past turns.
    """
    if opening(tokenizer):
        return
    prompt = tokenizer.apply_chat_template(_ASK, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(_ANSWERED, tokenize=False)
    if not whole.startswith(prompt):
        raise _broken(_NOT_THE_BEGINNING, _TEMPLATE_CURE)


def check_round_trip(tokenizer: PreTrainedTokenizerBase) -> None:
    """Text comes back from its token ids as it was (but for Unicode normalisation)."""
    ids = tokenizer(PROBE, add_special_tokens=False)["input_ids"]
    for skip in (False, True):
        back = tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=False)
        if unicodedata.normalize("NFC", back).lstrip() != PROBE:
            raise _broken(
                f"does not give back the text it encodes: {back!r}",
                "check tokenizer_class in tokenizer_config.json, and that tags are not special",
            )


def check_end(tokenizer: PreTrainedTokenizerBase, eos_ids: tuple[int, ...]) -> None:
    """The assistant's turn closes with an id that ends a completion, and only there."""
    whole = tokenizer.apply_chat_template(_ANSWERED, tokenize=False)
    said = _REPLY["content"]
    tail = whole[whole.rindex(said) + len(said) :]
    if not set(tokenizer(tail, add_special_tokens=False)["input_ids"]) & set(eos_ids):
        ends = tokenizer.convert_ids_to_tokens(list(eos_ids))
        raise _broken(f"never closes a reply with an end token ({ends})", _TEMPLATE_CURE)
    if set(tokenizer(PROBE, add_special_tokens=False)["input_ids"]) & set(eos_ids):
        raise _broken("has an end token inside ordinary text", "set another eos_token")


def check_vocabulary(
    tokenizer: PreTrainedTokenizerBase, eos_ids: tuple[int, ...], vocab_size: int
) -> None:
    """Every id has a row in the model's embedding, and padding has a token."""
    if len(tokenizer) > vocab_size:
        raise _broken(
            f"has {len(tokenizer)} tokens but the model embeds only {vocab_size}",
            "use the tokenizer that the model was saved with",
        )
    if tokenizer.pad_token_id is None or not eos_ids:
        raise _broken("lacks a padding or an end token", "set pad_token and eos_token")


def check_reload(tokenizer: PreTrainedTokenizerBase, config: PreTrainedConfig) -> None:
    """Saved beside `config` and loaded again by `AutoTokenizer`, it encodes and renders alike.

    `AutoTokenizer` may choose another class by the network's type, with other splitting rules.
    """
    with tempfile.TemporaryDirectory() as folder:
        config.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        again = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    same_text = again(PROBE)["input_ids"] == tokenizer(PROBE)["input_ids"]
    if not same_text or _ids(again, _ANSWERED) != _ids(tokenizer, _ANSWERED):
        raise _broken(
            f"encodes otherwise after saving and loading, as {type(again).__name__}",
            f"build it with the splitting rules that a {config.model_type} model is loaded with",
        )


def check_training(
    tokenizer: PreTrainedTokenizerBase, eos_ids: tuple[int, ...], *, thinks: bool = True
) -> str:
    """The chat template to train with: TRL's own for the model family, or else the tokenizer's.

    With it a prompt's ids begin the ids of the whole conversation, a reply stands in it as it was
    given (see `says`), and the assistant's tokens, an end token last among them and none of the
    user's, can be told by `{% generation %}`. Rows must be tokenised with it: under the tokenizer's
    own template the mask may be empty, and nothing would be learned. `thinks` says whether the
    replies to be learned have a think block: some templates keep only what stands after it.
    """
    # Half a second to import, and only training on texts needs it: a measurement does not.
    from trl.chat_template_utils import get_training_chat_template

    try:
        template: str = get_training_chat_template(tokenizer) or tokenizer.chat_template
    except ValueError:
        raise _broken(_UNMARKED, _TEMPLATE_CURE) from None
    reply = _THOUGHT if thinks else _REPLY
    prompt = _ids(tokenizer, _ASK, chat_template=template, add_generation_prompt=True)
    row = _marked(tokenizer, [*_ASK, reply], template)
    if row["input_ids"][: len(prompt)] != prompt:
        raise _broken(_NOT_THE_BEGINNING, _TEMPLATE_CURE)
    marked = learned(row["input_ids"], row["assistant_masks"])
    if not marked:
        raise _broken(_UNMARKED, _TEMPLATE_CURE)
    begun = opening(tokenizer)
    _check_reply(begun + tokenizer.decode(row["input_ids"][len(prompt) :]), reply["content"])
    _check_user(tokenizer, template)
    if not says(begun + tokenizer.decode(marked), reply["content"]):
        raise _broken("leaves words of the reply out of the assistant's words", _TEMPLATE_CURE)
    while marked and not tokenizer.decode([marked[-1]]).strip():
        marked.pop()  # a line break after the end token, which some templates count in
    if not marked or marked[-1] not in eos_ids:
        raise _broken("leaves the end of the reply out of the assistant's words", _TEMPLATE_CURE)
    return template


def learned(ids: Sequence[int], mask: Sequence[int]) -> list[int]:
    """The ids of a row that carry loss: those that its mask is 1 for."""
    return [token for token, on in zip(ids, mask, strict=True) if on]


def says(text: str, reply: str) -> bool:
    r"""Whether `text` has the whole `reply` in it, character for character.

    White space around think tags may differ: Qwen3's own template sets it. Unicode may be composed.

    >>> says("<think>\n1+1=2\n</think>\n\n2<|im_end|>", "<think>\n1+1=2\n</think>\n2")
    True
    >>> says("2<|im_end|>", "<think>\n1+1=2\n</think>\n2")
    False
    """
    return _set_alike(reply) in _set_alike(text)


def _set_alike(text: str) -> str:
    return _AROUND_TAGS.sub(r"\1", unicodedata.normalize("NFC", text).strip())


def _check_reply(tail: str, said: str) -> None:
    """What follows the prompt says the reply whole, and puts no thinking of its own before one."""
    if not says(tail, said):
        cut = says(tail, _REPLY["content"]) and "42 + 4" not in tail
        what = "cuts the thinking out of a reply" if cut else "changes the words of a reply"
        raise _broken(f"has a chat template that {what}: {tail!r}", _TEMPLATE_CURE)
    if _STEPS in said and tail[: tail.index(_STEPS)].count("<think>") > 1:
        raise _broken(f"has a chat template that thinks before the reply: {tail!r}", _TEMPLATE_CURE)


def _check_user(tokenizer: PreTrainedTokenizerBase, template: str) -> None:
    """No word of the user carries loss, in the first turn or in a later one."""
    row = _marked(tokenizer, [*_TOLD, _REPLY, *_TOLD_AGAIN, _REPLY], template)
    text = tokenizer.decode(learned(row["input_ids"], row["assistant_masks"]))
    if any(word in text for turn in (*_TOLD, *_TOLD_AGAIN) for word in turn["content"].split()):
        what = f"marks words of the user as the assistant's: {text!r}"
        raise _broken(f"has a chat template that {what}", _TEMPLATE_CURE)


def _marked(
    tokenizer: PreTrainedTokenizerBase, messages: list[Message], template: str
) -> dict[str, list[int]]:
    """`input_ids` of a conversation and `assistant_masks`, 1 on the tokens marked for loss."""
    row: dict[str, list[int]] = tokenizer.apply_chat_template(
        messages, chat_template=template, return_dict=True, return_assistant_tokens_mask=True
    )
    return row


def _ids(tokenizer: PreTrainedTokenizerBase, messages: list[Message], **options: Any) -> list[int]:
    return tokenizer.apply_chat_template(messages, return_dict=True, **options)["input_ids"]


def _broken(what: str, cure: str) -> ArtifactError:
    return ArtifactError(Problem("model", f"the tokenizer {what}", cure))
