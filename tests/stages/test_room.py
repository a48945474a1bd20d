"""Prompts that do not fit or are not taken are told before anything is measured."""

import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import trl
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ArtifactError, DataError
from reasoning_lab.model import chat, embedded
from reasoning_lab.model.encode import encode
from reasoning_lab.model.load import Loaded, load
from reasoning_lab.schema.door import check
from reasoning_lab.text.example import Example
from reasoning_lab.training.context import fitting, require_turns


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    run = check(compose(["hardware=cpu"]))
    return load(run.model, run.hardware, output=Path("none"), seed=0)


def asked(length: int, name: str = "1") -> Example:
    return Example(id=name, prompt=({"role": "user", "content": "7 " * length},), answer="1")


@pytest.mark.parametrize(
    ("length", "cure"),
    [
        (90, "LIMIT="),
        (300, "choose a model with a longer context, or data with prompts of at most 160 tokens"),
    ],
)
def test_a_prompt_that_is_too_long_is_left_out_or_named(
    loaded: Loaded, length: int, cure: str
) -> None:
    examples = [asked(1), asked(length, "two"), asked(2), asked(length + 5, "four")]
    found = fitting(loaded, examples, 96, "LIMIT", "drop")
    assert found.kept == [examples[0], examples[2]]
    (note,) = found.notes
    assert "2 of 4 held-out rows" in note
    assert "two" in note
    with pytest.raises(DataError) as caught:
        fitting(loaded, examples, 96, "LIMIT", "refuse")
    (problem,) = caught.value.problems
    assert problem.where == "data row two"
    assert "2 of 4" in problem.what
    assert "data.too_long=drop" in problem.cure
    assert cure in problem.cure
    assert "LIMIT=0" not in problem.cure


def test_where_nothing_fits_there_is_nothing_to_keep(loaded: Loaded) -> None:
    with pytest.raises(DataError) as caught:
        fitting(loaded, [asked(300)], 96, "LIMIT", "drop")
    assert "too_long" not in caught.value.problems[0].cure


@given(st.lists(st.text(max_size=150), min_size=1, max_size=20), st.integers(1, 250))
def test_exactly_those_are_left_out_that_do_not_fit(
    loaded: Loaded, texts: list[str], limit: int
) -> None:
    """Most prompts are judged by their bytes alone; none is judged wrongly."""
    examples = [
        Example(id=str(n), prompt=({"role": "user", "content": text},), answer="1")
        for n, text in enumerate(texts)
    ]
    lengths = map(len, encode(loaded, [example.prompt for example in examples]))
    fits = [one for one, length in zip(examples, lengths, strict=True) if length + limit <= 256]
    if not fits:
        with pytest.raises(DataError):
            fitting(loaded, examples, limit, "LIMIT", "drop")
        return
    found = fitting(loaded, examples, limit, "LIMIT", "drop")
    assert found.kept == fits
    assert len(found.notes) == (len(fits) < len(examples))


GEMMA = (Path(trl.__file__).parent / "chat_templates/gemma.jinja").read_text()


@pytest.mark.parametrize(
    "template", [GEMMA, chat.read("chatml").replace("in messages", "in messages[-1:]")]
)
def test_a_template_without_system_turns_names_the_row_that_has_one(
    loaded: Loaded, template: str
) -> None:
    plain = asked(1)
    system = Example("s", ({"role": "system", "content": "/think"}, *plain.prompt), "1")
    require_turns(loaded, [plain, system])
    other = replace(loaded, tokenizer=deepcopy(loaded.tokenizer))
    other.tokenizer.chat_template = template
    require_turns(other, [plain])
    with pytest.raises(ArtifactError) as caught:
        require_turns(other, [plain, system])
    (problem,) = caught.value.problems
    assert problem.where == "data row s"
    assert "model.system_prompt=null" in problem.cure


def test_a_system_prompt_that_the_template_refuses_is_told_by_its_key(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(embedded.path("tiny"), folder)
    (folder / "chat_template.jinja").write_text(GEMMA.replace("<end_of_turn>", "<|im_end|>"))
    run = check(compose(["hardware=cpu", f"model.path={folder}", "model.system_prompt=Think."]))
    with pytest.raises(ArtifactError) as caught:
        load(run.model, run.hardware, output=Path("none"), seed=0)
    (problem,) = caught.value.problems
    assert problem.where == "model.system_prompt"
    assert "model.system_prompt=null" in problem.cure
