from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GenerationConfig

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.load import Loaded
from reasoning_lab.model.sampler import sample
from reasoning_lab.text.example import Completion, Message

QUESTIONS = [
    f"What is the value of {a} + {b}{'?' * (a % 5)}" for a, b in product((1, 23, 456), (7, 89))
]


def chats(questions: Sequence[str]) -> list[list[Message]]:
    return [[{"role": "user", "content": question}] for question in questions]


def draw(
    loaded: Loaded, questions: Sequence[str] = QUESTIONS, **changes: Any
) -> list[list[Completion]]:
    fields: dict[str, Any] = {
        "temperature": 1.0,
        "max_completion_length": 24,
        "batch_size": 4,
        "seed": 3,
    }
    return sample(loaded, chats(questions), **(fields | changes))


def encoded(loaded: Loaded, question: str) -> Any:
    """The prompt of one question, as tensors."""
    return loaded.tokenizer.apply_chat_template(
        chats([question])[0], add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )


def stopping(loaded: Loaded, share: float) -> Loaded:
    """The same model, for which the first `share` of the vocabulary ends a completion."""
    count = int(len(loaded.tokenizer) * share)
    return Loaded(loaded.model, loaded.tokenizer, (), tuple(range(count)))


def test_greedy_agrees_with_transformers_generate(loaded: Loaded) -> None:
    ours = draw(loaded, temperature=0.0)
    for question, (completion,) in zip(QUESTIONS, ours, strict=True):
        prompt = encoded(loaded, question)
        config = GenerationConfig(
            max_new_tokens=24, do_sample=False, pad_token_id=0, eos_token_id=2
        )
        ids = loaded.model.generate(**prompt, generation_config=config)[0]
        written = ids[prompt["input_ids"].shape[1] :]
        assert completion.text == loaded.tokenizer.decode(written, skip_special_tokens=True)
        assert completion.tokens == len(written)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_the_batch_does_not_matter(loaded: Loaded, temperature: float, share: float) -> None:
    speaker = stopping(loaded, share)
    one, many = (
        draw(speaker, temperature=temperature, batch_size=size, samples=3) for size in (1, 18)
    )
    assert one == many
    assert len({completion.text for row in one for completion in row}) > 3


def test_the_seed_decides_and_samples_differ(loaded: Loaded) -> None:
    first = draw(loaded, samples=4)
    assert first == draw(loaded, samples=4)
    assert first != draw(loaded, samples=4, seed=4)
    assert all(len({completion.text for completion in row}) > 1 for row in first)
    assert [row[:2] for row in first] == draw(loaded, samples=2)


def test_draws_follow_the_models_probabilities(loaded: Loaded) -> None:
    """One token, 4000 draws: each frequent token within 5 standard errors of its probability."""
    question, n, temperature = QUESTIONS[0], 4000, 0.7
    sizes = {"max_completion_length": 1, "batch_size": 500}
    (drawn,) = draw(loaded, [question], samples=n, temperature=temperature, **sizes)
    with torch.no_grad():
        logits = loaded.model(**encoded(loaded, question)).logits[0, -1]
    probabilities = torch.softmax(logits / temperature, -1)
    likely = [token for token in probabilities.topk(8).indices.tolist() if 33 <= token < 97]
    assert likely
    for token in likely:
        p = float(probabilities[token])
        seen = sum(c.text == loaded.tokenizer.decode([token]) for c in drawn) / n
        assert abs(seen - p) < 5 * (p * (1 - p) / n) ** 0.5 + 1 / n


def test_finish_and_length(loaded: Loaded) -> None:
    never = draw(stopping(loaded, 0.0))
    assert {(c.finish, c.tokens) for row in never for c in row} == {("length", 24)}
    at_once = draw(stopping(loaded, 1.0))
    assert {(c.finish, c.tokens, c.text) for row in at_once for c in row} == {("stop", 1, "")}
    mixed = [c for row in draw(stopping(loaded, 0.1), samples=8) for c in row]
    assert {c.finish for c in mixed} == {"stop", "length"}
    assert all(c.tokens == 24 for c in mixed if c.finish == "length")


def test_nothing_of_the_callers_is_touched(loaded: Loaded) -> None:
    loaded.model.train()
    loaded.model.generation_config.repetition_penalty = 5.0
    state = torch.get_rng_state()
    penalised = draw(loaded)
    assert torch.equal(state, torch.get_rng_state())
    assert loaded.model.training
    loaded.model.generation_config.repetition_penalty = None
    loaded.model.eval()
    assert penalised == draw(loaded)


def test_no_prompts_give_no_completions(loaded: Loaded) -> None:
    assert draw(loaded, []) == []


def test_what_does_not_fit_is_an_error(loaded: Loaded) -> None:
    with pytest.raises(ArtifactError, match="do not fit into the model's 192"):
        draw(loaded, max_completion_length=190)


def test_a_think_block_that_the_prompt_opened_is_part_of_the_text(
    loaded: Loaded, copy: Path, loading: Callable[..., Loaded]
) -> None:
    template = copy / "chat_template.jinja"
    template.write_text(template.read_text().replace("assistant\\n'", "assistant\\n<think>\\n'"))
    opened = loading(copy)
    assert opened.opening == "<think>\n"
    assert loaded.opening == ""
    for (completion,) in draw(opened):
        assert completion.text.startswith("<think>\n")
        assert completion.tokens == 24 or completion.finish == "stop"
