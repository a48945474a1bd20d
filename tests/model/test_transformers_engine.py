import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.load import Loaded
from reasoning_lab.sampling.closing import CLOSING
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Request, Sampled, requests_for
from reasoning_lab.sampling.stream import sample, sample_prompts, stream
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.text.example import Completion, Message

QUESTIONS = [
    f"What is the value of {a} + {b}{'?' * (a % 5)}" for a, b in product((1, 23, 456), (7, 89))
]
CHECKS = 8
"""Steps in which two ways through the network are compared before anything is written."""
FIELDS: dict[str, Any] = {
    "temperature": 1.0,
    "top_p": 1.0,
    "top_k": 0,
    "max_completion_length": 24,
    "seed": 3,
    "stop": (),
    "max_think_tokens": None,
}


def settings(**changes: Any) -> Params:
    return Params(**(FIELDS | changes))


def chats(questions: Sequence[str]) -> list[list[Message]]:
    return [[{"role": "user", "content": question}] for question in questions]


def draw(
    loaded: Loaded,
    questions: Sequence[str] = QUESTIONS,
    *,
    slots: int = 4,
    samples: int = 1,
    **changes: Any,
) -> list[list[Completion]]:
    engine = TransformersEngine(loaded, slots=slots)
    return sample_prompts(chats(questions), engine, settings(**changes), samples=samples)


def encoded(loaded: Loaded, question: str) -> Any:
    """The prompt of one question, as tensors."""
    return loaded.tokenizer.apply_chat_template(
        chats([question])[0], add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )


def written_by_generate(loaded: Loaded, question: str) -> str:
    """What transformers' own greedy decoding writes, in at most 24 tokens."""
    prompt = encoded(loaded, question)
    config = GenerationConfig(max_new_tokens=24, do_sample=False, pad_token_id=0, eos_token_id=2)
    ids = loaded.model.generate(**prompt, generation_config=config)[0]
    text: str = loaded.tokenizer.decode(
        ids[prompt["input_ids"].shape[1] :], skip_special_tokens=True
    )
    return text


def stopping(loaded: Loaded, share: float) -> Loaded:
    """The same model, for which the first `share` of the vocabulary ends a completion."""
    count = int(len(loaded.tokenizer) * share)
    return replace(loaded, eos_ids=tuple(range(count)))


def test_greedy_agrees_with_transformers_generate(loaded: Loaded) -> None:
    ours = draw(loaded, temperature=0.0)
    for question, (completion,) in zip(QUESTIONS, ours, strict=True):
        assert completion.text == written_by_generate(loaded, question)


@contextmanager
def looking_at_shapes(loaded: Loaded, told: Callable[[int, int], None]) -> Iterator[None]:
    """Within the block `told` gets rows and tokens a row of all that the model computes."""

    def look(_: Any, given: tuple[torch.Tensor]) -> None:
        shape = given[0].shape
        told(shape[0], 1 if len(shape) == 2 else shape[1])

    hook = loaded.model.model.layers[0].mlp.down_proj.register_forward_pre_hook(look)
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def memory_for(loaded: Loaded, most: int) -> Iterator[None]:
    """Within the block the model says that memory is out for more than so many rows."""

    def refuse(rows: int, tokens: int) -> None:
        if rows > most:
            raise torch.OutOfMemoryError("too many rows")

    with looking_at_shapes(loaded, refuse):
        yield


LAYOUTS: dict[str, Callable[[list[Request]], list[list[Request]]]] = {
    "as asked": lambda asked: [asked],
    "backwards": lambda asked: [asked[::-1]],
    "shuffled": lambda asked: [random.Random(5).sample(asked, len(asked))],
    "a few first, the rest later": lambda asked: [asked[2:7], asked[:2] + asked[7:]],
    "each alone": lambda asked: [[one] for one in asked],
}


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_the_batch_does_not_matter(loaded: Loaded, temperature: float, share: float) -> None:
    """Bit for bit over five layouts, and with other numbers of slots."""
    asked = requests_for(chats(QUESTIONS), 3)
    engine = TransformersEngine(stopping(loaded, share), slots=4)
    rules = settings(temperature=temperature)

    def found(parts: list[list[Request]], by: TransformersEngine) -> list[Sampled]:
        given = [one for part in parts for one in sample(part, by, rules)]
        return sorted(given, key=lambda one: one.key)

    first = found([asked], engine)
    assert len({one.completion.text for one in first}) > 3
    for name, layout in LAYOUTS.items():
        assert found(layout(asked), engine) == first, name
    for slots in (1, 7, 18, 64):
        other = TransformersEngine(stopping(loaded, share), slots=slots)
        assert found([asked], other) == first, slots


def test_waiting_rows_take_the_places_of_finished_ones(loaded: Loaded) -> None:
    """Steps are counted: batches that wait for their longest row would need more."""
    speaker, slots = stopping(loaded, 0.1), 4
    steps = 0

    def count(rows: int, tokens: int) -> None:
        nonlocal steps
        steps += tokens == 1

    with looking_at_shapes(loaded, count):
        found = draw(speaker, samples=12, slots=slots)
    lengths = [one.tokens for row in found for one in row]
    batches = [lengths[start : start + slots] for start in range(0, len(lengths), slots)]
    assert min(lengths) < max(lengths)
    assert sum(lengths) / slots <= steps <= sum(lengths) / slots + max(lengths) + CHECKS
    assert steps < sum(map(max, batches))


def test_the_seed_decides_and_samples_differ(loaded: Loaded) -> None:
    first = draw(loaded, samples=4)
    assert first == draw(loaded, samples=4)
    assert first != draw(loaded, samples=4, seed=4)
    assert all(len({completion.text for completion in row}) > 1 for row in first)
    assert [row[:2] for row in first] == draw(loaded, samples=2)


def test_draws_follow_the_models_probabilities(loaded: Loaded) -> None:
    """One token, 4000 draws: each frequent token within 5 standard errors of its probability."""
    question, n, temperature = QUESTIONS[0], 4000, 0.7
    (drawn,) = draw(
        loaded, [question], samples=n, slots=500, temperature=temperature, max_completion_length=1
    )
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


def test_the_models_own_settings_decide_nothing(loaded: Loaded) -> None:
    """A poisoned generation config: every field that `generate` would heed."""
    before, original = draw(loaded), loaded.model.generation_config
    greedy = draw(loaded, temperature=0.0)
    loaded.model.generation_config = GenerationConfig(
        temperature=9.0,
        top_p=0.01,
        top_k=1,
        min_p=0.9,
        do_sample=True,
        repetition_penalty=5.0,
        max_new_tokens=1,
        min_new_tokens=20,
        eos_token_id=[40, 41, 42],
        suppress_tokens=[50],
        num_beams=3,
    )
    try:
        assert draw(loaded) == before
        assert draw(loaded, temperature=0.0) == greedy
    finally:
        loaded.model.generation_config = original


def test_nothing_of_the_callers_is_touched(loaded: Loaded) -> None:
    loaded.model.train()
    state = torch.get_rng_state()
    first = draw(loaded)
    assert torch.equal(state, torch.get_rng_state())
    assert loaded.model.training
    attention = loaded.model.config._attn_implementation
    loaded.model.set_attn_implementation("flex_attention")
    try:
        assert draw(loaded) == first
        assert loaded.model.config._attn_implementation == "flex_attention"
    finally:
        loaded.model.set_attn_implementation(attention)
        loaded.model.eval()
    assert first == draw(loaded)


def test_a_stream_that_is_left_early_leaves_the_model_as_it_was(loaded: Loaded) -> None:
    loaded.model.train()
    engine = TransformersEngine(loaded, slots=2)
    coming = stream(requests_for(chats(QUESTIONS), 2), engine, settings())
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert loaded.model.training
    loaded.model.eval()


def test_where_memory_runs_out_fewer_are_written_at_once(loaded: Loaded) -> None:
    plain = draw(loaded, samples=3)
    with memory_for(loaded, 4):
        assert draw(loaded, samples=3, slots=16) == plain


def test_memory_for_not_even_one_is_an_error(loaded: Loaded) -> None:
    with memory_for(loaded, 0), pytest.raises(ArtifactError) as raised:
        draw(loaded, slots=16)
    assert [problem.where for problem in raised.value.problems] == ["engine"]


def test_a_token_budget_bounds_the_slots(loaded: Loaded) -> None:
    widest = 0

    def look(rows: int, tokens: int) -> None:
        nonlocal widest
        widest = max(widest, rows)

    with looking_at_shapes(loaded, look):
        engine = TransformersEngine(loaded, slots=64, batch_tokens=8 * 64)
        found = sample_prompts(chats(QUESTIONS), engine, settings(), samples=3)
    assert widest == 8
    assert found == draw(loaded, samples=3)


def test_layers_that_see_only_a_window_agree_with_generate(loaded: Loaded) -> None:
    torch.manual_seed(0)
    sizes = loaded.model.config.to_dict() | {
        "use_sliding_window": True,
        "sliding_window": 8,
        "max_window_layers": 1,
        "layer_types": ["full_attention", "sliding_attention"],
    }
    network = Qwen2ForCausalLM(Qwen2Config(**sizes)).eval()
    windowed = replace(loaded, model=network)
    ours = draw(windowed, temperature=0.0)
    for question, (completion,) in zip(QUESTIONS, ours, strict=True):
        assert completion.text == written_by_generate(windowed, question)
    plain = replace(loaded, model=Qwen2ForCausalLM(loaded.model.config).eval())
    plain.model.load_state_dict(network.state_dict())
    assert ours != draw(plain, temperature=0.0)


def test_a_stop_string_ends_and_is_cut_off(loaded: Loaded) -> None:
    free = draw(loaded, temperature=0.0)
    for row, question in zip(free, QUESTIONS, strict=True):
        stop = row[0].text[5:7]
        (cut,) = draw(loaded, [question], temperature=0.0, stop=(stop,))[0]
        assert cut.text == row[0].text[: row[0].text.index(stop)]
        assert cut.finish == "stop"
        assert cut.tokens < row[0].tokens


def test_thinking_beyond_its_budget_is_closed_by_force(
    loaded: Loaded, copy: Path, loading: Callable[..., Loaded]
) -> None:
    template = copy / "chat_template.jinja"
    template.write_text(template.read_text().replace("assistant\\n'", "assistant\\n<think>\\n'"))
    opened = loading(copy)
    engine = TransformersEngine(opened, slots=3)
    asked = requests_for(chats(QUESTIONS), 2)
    closing = len(opened.tokenizer(CLOSING, add_special_tokens=False)["input_ids"])
    free = sample(asked, engine, settings())
    found = sample(asked, engine, settings(max_think_tokens=5))
    for one, other in zip(found, free, strict=True):
        if other.completion.tokens <= 5:
            assert one == other
            continue
        assert one.forced == closing
        thought, mark, _ = one.completion.text.partition(CLOSING)
        assert mark
        assert other.completion.text.startswith(thought)
        assert 5 + closing <= one.completion.tokens <= 24
    assert any(one.forced for one in found)
    assert not any(one.forced for one in free)


def test_a_second_stream_gives_the_same(loaded: Loaded) -> None:
    engine = TransformersEngine(loaded, slots=4)
    first, second = (sample_prompts(chats(QUESTIONS), engine, settings()) for _ in range(2))
    assert first == second


def test_the_identity_tells_models_apart(loaded: Loaded) -> None:
    first = TransformersEngine(loaded, slots=4).identity
    assert TransformersEngine(loaded, slots=9).identity == first
    assert TransformersEngine(stopping(loaded, 0.1), slots=4).identity != first
    other = Qwen2ForCausalLM(loaded.model.config)
    assert TransformersEngine(replace(loaded, model=other), slots=4).identity != first


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
