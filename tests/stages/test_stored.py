"""What is kept of the measurement before training is that measurement, or it is not taken."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ArtifactError
from reasoning_lab.measure.measured import Measured, gains
from reasoning_lab.measure.stored import keep, kept
from reasoning_lab.schema import door
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Completion, Example, Verdict

EVALUATION: Evaluation = door.check(compose(["tracker=none"])).stage.evaluation
LIMITS = {name: EVALUATION.longest(way) for name, way in EVALUATION.ways.items()}
COMPLETIONS = some.builds(
    Completion, some.text(), some.integers(0, 500), some.sampled_from(["stop", "length"])
)
VERDICTS = some.sampled_from([*Verdict, None])


def examples(count: int, answer: str = "4") -> list[Example]:
    return [
        Example(f"p{n}", ({"role": "user", "content": f"2+{n}?"},), answer) for n in range(count)
    ]


@some.composite
def measurements(draw: some.DrawFn) -> Measured:
    count = draw(some.integers(1, 4))
    sizes = {name: way.samples for name, way in EVALUATION.ways.items()}

    def rows(each: some.SearchStrategy, size: int) -> list:
        row = some.lists(each, min_size=size, max_size=size)
        return draw(some.lists(row, min_size=count, max_size=count))

    completions = {way: rows(COMPLETIONS, size) for way, size in sizes.items()}
    verdicts = {way: rows(VERDICTS, size) for way, size in sizes.items()}
    verdicts = {way: [[Verdict.WRONG] * sizes[way], *each[1:]] for way, each in verdicts.items()}
    return Measured(examples(count), completions, verdicts, LIMITS, 1.5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(measurements())
def test_what_is_kept_is_the_measurement(tmp_path: Path, measured: Measured) -> None:
    path = tmp_path / "before.jsonl"
    keep(path, measured)
    found = kept(path, measured.examples, EVALUATION)
    assert found is not None
    assert found.completions == measured.completions
    assert found.verdicts == measured.verdicts
    assert found.limits == measured.limits
    assert found.estimates() == measured.estimates()
    assert gains(found, measured) == gains(measured, measured)


def test_what_is_not_of_these_problems_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "before.jsonl"
    asked = examples(2)
    assert kept(path, asked, EVALUATION) is None
    many = {name: way.samples for name, way in EVALUATION.ways.items()}
    completions = {way: [[Completion("4", 1)] * n] * 2 for way, n in many.items()}
    verdicts = {way: [[Verdict.CORRECT] * n] * 2 for way, n in many.items()}
    keep(path, Measured(asked, completions, verdicts, {}, 0.0))
    assert kept(path, asked, EVALUATION) is not None
    greedy, sampled = EVALUATION.ways["greedy"], EVALUATION.ways["sampled"]
    more = sampled.model_copy(update={"samples": sampled.samples + 1})
    for ways in (
        {"greedy": greedy},
        {"greedy": greedy, "think": sampled},
        {"greedy": greedy, "sampled": more},
    ):
        assert kept(path, asked, EVALUATION.model_copy(update={"ways": ways})) is None
    for others in (examples(1), examples(3), asked[::-1], examples(2, answer="5")):
        assert kept(path, others, EVALUATION) is None


@pytest.mark.parametrize("line", ['{"id": "p0"}', "[]"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "before.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(ArtifactError):
        kept(path, examples(1), EVALUATION)
