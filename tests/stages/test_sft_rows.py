"""What fine-tuning learns from: the assistant's tokens under the template it is trained with."""

import shlex
from pathlib import Path

import pytest

from reasoning_lab import data
from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import DataError
from reasoning_lab.model import chat, contract, load
from reasoning_lab.schema.door import check
from reasoning_lab.text.example import Example
from reasoning_lab.training.rows import IGNORED, require_answers, response, tokenised

SUM = Example("a", ({"role": "user", "content": "1 + 2 ="},), "3", trace="1+2=3")


@pytest.fixture(scope="module")
def loaded() -> load.Loaded:
    run = check(compose(["hardware=cpu"]))
    return load.load(run.model, run.hardware, output=Path("multirun"), seed=0)


def test_loss_falls_on_the_response_and_its_end_alone(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    ids, labels = tokenised([SUM], loaded.tokenizer, 128, template)
    learned = [token for token, label in zip(ids[0], labels[0], strict=True) if label != IGNORED]
    assert loaded.tokenizer.decode(learned) == response(SUM) + "<|im_end|>"


@pytest.mark.parametrize(
    "change",
    [
        "message.content.split('</think>')[-1]",
        "message.content[:20]",
        "'3'",
        "''",
        "message.content | upper",
    ],
)
def test_a_row_of_which_other_words_would_be_learned_is_named(
    loaded: load.Loaded, change: str
) -> None:
    """Also what no probe shows: a template may treat one text otherwise than another."""
    template = chat.read("chatml").replace("message.content +", f"({change}) +", 1)
    with pytest.raises(DataError) as caught:
        tokenised([SUM], loaded.tokenizer, 128, template)
    (problem,) = caught.value.problems
    assert problem.where == "data row a"
    assert "model.chat_template=" in problem.cure


def test_letters_that_the_tokenizer_composes_are_the_same_words(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    accent = Example("c", SUM.prompt, "cafe\u0301", trace="½ + ﬁ")
    ids, _ = tokenised([accent], loaded.tokenizer, 128, template)
    assert len(ids) == 1


def test_a_row_that_does_not_fit_is_named_with_the_length_that_would(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    with pytest.raises(DataError, match=r"data row a: has \d+ tokens.*stage.max_length=\d+"):
        tokenised([SUM], loaded.tokenizer, 8, template)


def test_the_families_of_functions_that_fit_are_named(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    programs = ["data=tiny_code", "reward=code", "data.train_size=300", "data.heldout_size=2"]
    with pytest.raises(DataError) as caught:
        tokenised(_rows(*programs), loaded.tokenizer, 256, template, 256)
    (cure,) = [problem.cure for problem in caught.value.problems]
    assert cure.startswith("choose a model with a longer context, or the kinds whose rows fit: ")
    (advised,) = shlex.split(cure.rpartition(": ")[2])
    assert advised.startswith("data.params.families=[")
    ids, _ = tokenised(_rows(*programs, advised), loaded.tokenizer, 256, template, 256)
    assert len(ids) == 300


def _rows(*overrides: str) -> list[Example]:
    return data.load(check(compose(overrides)).data).train


def test_a_row_without_an_answer_is_refused() -> None:
    empty = Example("b", SUM.prompt, " ")
    with pytest.raises(DataError, match="data row b: has no gold answer"):
        require_answers([SUM, empty])


def test_procedural_sums_teach_the_steps() -> None:
    sums = data.load(check(compose(["data.train_size=5"])).data).train
    assert all(response(example).startswith("<think>\n") for example in sums)
