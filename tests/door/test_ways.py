"""Ways of measuring on the command line: chosen by short words, and refused where nothing heeds."""

from importlib.util import find_spec

import pytest

from reasoning_lab.cli.compose import attempt, compose, written_out
from reasoning_lab.cli.help import text_for
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.door import check
from reasoning_lab.schema.vocabulary import choices
from reasoning_lab.schema.way import WAYS


@pytest.mark.parametrize(
    ("line", "ways"),
    [
        ("stage=evaluate", {"greedy": 1, "sampled": 1}),
        ("stage=grpo stage.evaluation.samples=4", {"greedy": 1, "sampled": 4}),
        ("way=[greedy,think] evaluation.samples=2", {"greedy": 1, "think": 2}),
        ("stage=sft way=think", {"think": 1}),
        (
            "way=[greedy,budget_32] way.greedy.stop=[x] way.greedy.top_k=5",
            {"greedy": 1, "budget_32": 1},
        ),
        ("way=[think,no_think] way.think.samples=8", {"think": 8, "no_think": 1}),
        ("way@stage.evaluation.ways=[sampled]", {"sampled": 1}),
        ("~way.greedy", {"sampled": 1}),
        ("+way=think way.think.samples=3", {"greedy": 1, "sampled": 1, "think": 3}),
        ("way.sampled.temperature=0.6 debug=smoke", {"greedy": 1, "sampled": 1}),
    ],
)
def test_ways_are_chosen_by_name(line: str, ways: dict[str, int]) -> None:
    run = check(compose(line.split()))
    found = run.stage.evaluation.ways
    assert {name: way.samples for name, way in found.items()} == ways
    assert list(found) == list(ways)
    assert run.stage.evaluation.completions(10) == 10 * sum(ways.values())


@pytest.mark.parametrize(
    ("line", "where", "cure"),
    [
        ("way=[greedy,thinc]", "way", "think"),
        ("way=sampeld", "way", "sampled"),
        ("way=[]", "way", "greedy"),
        ("way=greedy,think", "way", "'way=[greedy,think]'"),
        ("stage=score score.path=a.jsonl way=greedy", "way", "stage=evaluate"),
        ("way.sampled.temprature=2", f"{WAYS}.sampled.temprature", "temperature"),
        ("way.think.samples=3", f"{WAYS}.think.samples", "+way=think"),
        ("way.samplde.samples=3", f"{WAYS}.samplde.samples", "sampled"),
        ("way.greedy.samples=3", f"{WAYS}.greedy.samples", "samples=1"),
        ("way=greedy evaluation.samples=3", "stage.evaluation.samples", "way="),
        ("way.sampled.temperature=-1", f"{WAYS}.sampled.temperature", ""),
        ("way.sampled.max_completion_length=250", f"{WAYS}.sampled.max_completion_length", "128"),
        ("+way.a/b={}", f"+{WAYS}.a/b={{}}", ""),
    ],
)
def test_a_wrong_way_is_named_with_its_cure(line: str, where: str, cure: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(compose(line.split()))
    (problem, *_) = caught.value.problems
    assert problem.where == where
    assert cure in problem.cure


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("engine=vllm", "engine"),
        ("stage=grpo engine=server", "engine"),
        ("engine=server engine.url=localhost:8000", "engine.url"),
        ("engine=server way=budget_32", f"{WAYS}.budget_32.max_think_tokens"),
        ("engine=server engine.extended=false way.sampled.top_k=5", f"{WAYS}.sampled.top_k"),
    ],
)
def test_an_engine_that_cannot_do_it_is_refused(line: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(compose(["stage=evaluate", *line.split()]))
    found = {problem.where for problem in caught.value.problems}
    assert where in found
    missing = {"engine"} if find_spec("openai") is None else set()
    assert found <= {where} | missing


def test_a_budget_for_thinking_leaves_room_for_the_answer() -> None:
    composed = compose(["way.sampled.max_think_tokens=96"])
    with pytest.raises(ConfigError) as caught:
        check(composed)
    assert any("no answer" in problem.what for problem in caught.value.problems)


def test_past_a_mistyped_way_the_rest_is_looked_at() -> None:
    composed, problems = attempt(["way=[greedy,thinc]", "way.think.samples=2"])
    assert [problem.where for problem in problems] == ["way"]
    assert composed["stage"]["evaluation"]["ways"]["think"]["samples"] == 2


def test_the_short_word_is_left_alone_where_nothing_is_measured() -> None:
    assert written_out(["stage=audit", "way=greedy"]) == ["stage=audit", "way=greedy"]


@pytest.mark.parametrize("name", sorted(choices("way")))
def test_a_choice_holds_one_way_of_its_own_name(name: str) -> None:
    (found,) = compose([f"way={name}"])["stage"]["evaluation"]["ways"]
    assert found == name
    assert f"way.{name}.temperature=" in text_for([f"way={name}", "--help"])
