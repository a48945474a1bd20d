"""What fine-tuning learns from: the assistant's tokens under the template it is trained with."""

import re
import shlex
from pathlib import Path

import pytest

from reasoning_lab import data
from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import DataError
from reasoning_lab.model import chat, contract, load
from reasoning_lab.schema.door import check
from reasoning_lab.schema.run import Run
from reasoning_lab.text.example import Example
from reasoning_lab.training.order import row_order
from reasoning_lab.training.rows import IGNORED, require_answers, response, taught, tokenised

SUM = Example("a", ({"role": "user", "content": "1 + 2 ="},), "3", trace="1+2=3")


@pytest.fixture(scope="module")
def loaded() -> load.Loaded:
    run = check(compose(["hardware=cpu"]))
    return load.load(run.model, run.hardware, output=Path("multirun"), seed=0)


def test_loss_falls_on_the_response_and_its_end_alone(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    ((ids, labels),) = tokenised([SUM], loaded.tokenizer, template)
    learned = [token for token, label in zip(ids, labels, strict=True) if label != IGNORED]
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
        tokenised([SUM], loaded.tokenizer, template)
    (problem,) = caught.value.problems
    assert problem.where == "data row a"
    assert "model.chat_template=" in problem.cure


def test_letters_that_the_tokenizer_composes_are_the_same_words(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    accent = Example("c", SUM.prompt, "cafe\u0301", trace="½ + ﬁ")
    assert len(tokenised([accent], loaded.tokenizer, template)) == 1


LONG = Example("long", SUM.prompt, "3", trace="1+2=3\n" * 12)


def test_a_row_that_does_not_fit_is_named_with_the_length_that_would(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    run = _run("max_length=64", "max_steps=1", "data.too_long=refuse")
    rows = [SUM, LONG, SUM, LONG]
    with pytest.raises(DataError, match=r"data row long: has \d+ tokens.*2 of 4") as caught:
        taught(run, rows, loaded.tokenizer, template)
    cure = caught.value.problems[0].cure
    assert "data.too_long=drop" in cure
    assert re.search(r"stage.max_length=\d+", cure)


def test_rows_that_do_not_fit_are_left_out_and_others_taken(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    rows = [SUM, LONG, SUM, LONG]
    found = taught(_run("max_length=64", "max_steps=2"), rows, loaded.tokenizer, template)
    assert len(found.order) == 2 * 32
    assert set(found.order) == {0, 2}
    (note,) = found.notes
    assert "2 of 4 training rows" in note
    with pytest.raises(DataError, match="2 of 2"):
        taught(_run("max_length=64", "max_steps=2"), rows[1::2], loaded.tokenizer, template)


def test_only_rows_that_are_trained_on_are_tokenised(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    rows = _rows("data.train_size=300")
    found = taught(_run("max_steps=2"), rows, loaded.tokenizer, template)
    assert found.order == row_order(300, 64, seed=0)
    assert set(found.rows) == set(found.order)
    whole = tokenised(rows, loaded.tokenizer, template)
    assert all(found.rows[place] == whole[place] for place in found.order)


def test_the_families_of_functions_that_fit_are_named(loaded: load.Loaded) -> None:
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    programs = ["data=tiny_code", "data.train_size=300", "data.heldout_size=2"]
    run = _run(*programs, "max_length=256", "data.too_long=refuse")
    with pytest.raises(DataError) as caught:
        taught(run, _rows(*programs), loaded.tokenizer, template)
    (cure,) = [problem.cure for problem in caught.value.problems]
    assert "choose a model with a longer context, or the kinds whose rows fit: " in cure
    (advised,) = shlex.split(cure.rpartition(": ")[2])
    assert advised.startswith("data.params.families=[")
    assert not taught(run, _rows(*programs, advised), loaded.tokenizer, template).notes


def _run(*overrides: str) -> Run:
    return check(compose(["stage=sft", *overrides]))


def _rows(*overrides: str) -> list[Example]:
    return data.load(check(compose(overrides)).data).train


def test_a_row_without_an_answer_is_refused() -> None:
    empty = Example("b", SUM.prompt, " ")
    with pytest.raises(DataError, match="data row b: has no gold answer"):
        require_answers([SUM, empty])


def test_procedural_sums_teach_the_steps() -> None:
    sums = data.load(check(compose(["data.train_size=5"])).data).train
    assert all(response(example).startswith("<think>\n") for example in sums)
