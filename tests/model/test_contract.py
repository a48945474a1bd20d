from collections.abc import Callable
from pathlib import Path

import pytest
import trl
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast, Qwen2ForCausalLM

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import chat, contract, tokenizer

TEMPLATE = chat.read("chatml")
SAID = "message.content"
# As some reasoning models leave out the thinking of earlier turns, and with it that of the last.
CUTS = TEMPLATE.replace(
    SAID + " + '<|im_end|>' -}}{%- end", SAID + ".split('</think>')[-1] + '<|im_end|>' -}}{%- end"
)
TRL_TEMPLATES = Path(trl.__file__).parent / "chat_templates"
Words = PreTrainedTokenizerBase


@pytest.fixture
def words(corpus: list[str]) -> Words:
    """A sound tokenizer of one's own, to be broken."""
    return tokenizer.build(corpus, 400)


def test_the_labs_own_tokenizer_holds_to_everything(
    words: Words, network: Qwen2ForCausalLM
) -> None:
    contract.check(words, network, (words.eos_token_id,))
    assert contract.check_training(words, (words.eos_token_id,)) == TEMPLATE


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (None, "has no chat template"),
        ("{{ nothing.at.all }}", "has a chat template that fails"),
        ("{% for m in messages %", "has a chat template that fails"),
        ("<|im_start|>hello<|im_end|>", "leaves out what was said"),
        ("{{ messages[0].content }}", "leaves out what was said"),
        (TEMPLATE.replace("<|im_end|>", ""), "never closes a reply"),
        (TEMPLATE.replace("'<|im_start|>assistant\\n'", "'<|im_start|>bot\\n'"), "the beginning"),
    ],
)
def test_a_broken_template(
    words: Words, network: Qwen2ForCausalLM, template: str | None, says: str
) -> None:
    words.chat_template = template
    with pytest.raises(ArtifactError, match=says) as caught:
        contract.check(words, network, (words.eos_token_id,))
    assert caught.value.problems[0].cure


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (
            TEMPLATE.replace("{%- generation -%}", "").replace("{%- endgeneration -%}", ""),
            "does not mark the assistant's words",
        ),
        (
            TEMPLATE.replace(
                "{{- message.content + '<|im_end|>' -}}{%- endgeneration -%}",
                "{{- message.content -}}{%- endgeneration -%}{{- '<|im_end|>' -}}",
            ),
            "leaves the end of the reply out",
        ),
        (
            TEMPLATE.replace("'<|im_start|>assistant\\n'", "'<|im_start|>assistant: '"),
            "is not the beginning of the answered conversation",
        ),
        (CUTS, "cuts the thinking out of a reply"),
        (TEMPLATE.replace(SAID, "message.content | replace('\\n', ' ')"), "changes the words"),
        (TEMPLATE.replace(SAID, "message.content[:40]"), "changes the words of a reply"),
        (TEMPLATE.replace(SAID, "'<think>\\n</think>' + message.content"), "thinks before"),
        (
            TEMPLATE.replace("{%- generation -%}", "{{- '<think>' -}}{%- generation -%}").replace(
                SAID, "message.content.removeprefix('<think>\\n12')"
            ),
            "changes the words of a reply",
        ),
        (
            TEMPLATE.replace("{%- if message.role == 'assistant' -%}", "{%- if true -%}"),
            "marks words of the user as the assistant's",
        ),
        (
            TEMPLATE.replace(
                "if message.role == 'assistant'", "if message.role == 'assistant' or loop.index > 2"
            ),
            "marks words of the user as the assistant's",
        ),
        (
            TEMPLATE.replace(
                f"{{%- generation -%}}{{{{- {SAID}",
                "{{- message.content[:9] -}}{%- generation -%}{{- message.content[9:]",
            ),
            "leaves words of the reply out",
        ),
    ],
)
def test_a_template_unfit_for_supervised_training(words: Words, template: str, says: str) -> None:
    assert template != TEMPLATE
    words.chat_template = template
    with pytest.raises(ArtifactError, match=says) as caught:
        contract.check_training(words, (words.eos_token_id,))
    assert "model.chat_template=" in caught.value.problems[0].cure


@pytest.mark.parametrize(
    ("template", "thinks"),
    [
        (TEMPLATE.replace(SAID, "message.content.strip()"), True),
        (TEMPLATE.replace(SAID, "message.content | trim"), True),
        (
            TEMPLATE.replace(SAID, "message.content | replace('</think>\\n', '</think>\\n\\n')"),
            True,
        ),
        (CUTS, False),
        ((TRL_TEMPLATES / "qwen3_5_nothink.jinja").read_text(), False),
    ],
)
def test_a_template_that_keeps_what_is_to_be_learned(
    words: Words, template: str, thinks: bool
) -> None:
    """White space at the ends of a reply and around its tags may go; thinking, where none is."""
    assert template != TEMPLATE
    words.chat_template = template
    assert contract.check_training(words, (words.eos_token_id,), thinks=thinks)


@pytest.mark.parametrize(
    ("family", "end"),
    [
        ("qwen2_5", "<|im_end|>"),
        ("qwen3", "<|im_end|>"),
        ("qwen3_5_think", "<|im_end|>"),
        ("llama3", "<|eot_id|>"),
        ("deepseek_r1_distill", "<｜end▁of▁sentence｜>"),
    ],
)
def test_the_template_to_train_with_is_trls_own_where_it_knows_the_family(
    words: Words, family: str, end: str
) -> None:
    words.chat_template = (TRL_TEMPLATES / f"{family}.jinja").read_text()
    words.add_special_tokens({"bos_token": "<|begin_of_text|>", "eos_token": end})
    template = contract.check_training(words, (words.eos_token_id,))
    assert "{%- generation" in template or "{% generation" in template
    row = words.apply_chat_template(
        [
            {"role": "user", "content": "What is 12 + 34?"},
            {"role": "assistant", "content": "<think>\n12 + 34 = 46\n</think>\n46"},
        ],
        chat_template=template,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    pairs = zip(row["input_ids"], row["assistant_masks"], strict=True)
    learned = words.decode([token for token, mask in pairs if mask])
    assert learned.partition("<think>")[0].strip() in ("", "<｜Assistant｜>")
    assert "<think>\n12 + 34 = 46\n</think>" in learned
    assert learned.rstrip().endswith("46" + end)


@pytest.mark.parametrize(
    ("family", "opening"),
    [
        ("qwen2_5", ""),
        ("qwen3", ""),
        ("llama3_2", ""),
        ("qwen3_5_nothink", ""),  # its prompt opens the block and closes it
        ("qwen3_5_think", "<think>\n"),
        ("deepseek_r1_distill", "<think>\n"),
    ],
)
def test_templates_in_use_pass_and_tell_whether_they_open_the_thinking(
    words: Words, family: str, opening: str
) -> None:
    words.chat_template = (TRL_TEMPLATES / f"{family}.jinja").read_text()
    contract.check_template(words)
    contract.check_prompt(words)
    assert contract.opening(words) == opening


def test_thinking_named_in_the_prompt_is_not_opened_by_it(words: Words) -> None:
    words.chat_template = "<|im_start|>system\nThink in <think> tags.<|im_end|>\n" + TEMPLATE
    assert contract.opening(words) == ""


def spaces_lost(words: Words) -> None:
    words.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()


def tags_special(words: Words) -> None:
    words.add_special_tokens({"additional_special_tokens": ["<think>", "</think>"]})


def lower_case(words: Words) -> None:
    words.backend_tokenizer.decoder = decoders.Sequence(
        [decoders.ByteLevel(), decoders.Replace("S", "s")]
    )


@pytest.mark.parametrize("breaks", [spaces_lost, tags_special, lower_case])
def test_text_that_does_not_come_back(words: Words, breaks: Callable[[Words], None]) -> None:
    breaks(words)
    with pytest.raises(ArtifactError, match="does not give back the text"):
        contract.check_round_trip(words)


def test_an_end_token_in_ordinary_text(words: Words) -> None:
    newline = words("\n")["input_ids"][0]
    with pytest.raises(ArtifactError, match="end token inside ordinary text"):
        contract.check_end(words, (words.eos_token_id, newline))


@pytest.mark.parametrize(
    ("ends", "pad", "missing", "says"),
    [
        ((2,), "<|pad|>", 1, "embeds only"),
        ((), "<|pad|>", 0, "padding or an end"),
        ((2,), None, 0, "padding or an end"),
    ],
)
def test_tokens_without_a_row_or_a_part(
    words: Words, ends: tuple[int, ...], pad: str | None, missing: int, says: str
) -> None:
    contract.check_vocabulary(words, (2,), len(words))
    words.pad_token = pad
    with pytest.raises(ArtifactError, match=says):
        contract.check_vocabulary(words, ends, len(words) - missing)


def test_a_tokenizer_that_auto_tokenizer_would_read_otherwise(
    corpus: list[str], network: Qwen2ForCausalLM
) -> None:
    """The trap: other splitting rules than Qwen2's, saved beside a qwen2 config."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r" \+ |\s|\w+"), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=380,
        show_progress=False,
        special_tokens=list(tokenizer.MARKS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    core.train_from_iterator(corpus, trainer)
    words = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|pad|>"
    )
    words.chat_template = TEMPLATE
    contract.check_round_trip(words)
    with pytest.raises(ArtifactError, match=r"encodes otherwise after saving .* Qwen2Tokenizer"):
        contract.check_reload(words, network.config)
