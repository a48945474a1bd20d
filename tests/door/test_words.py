"""Short words of the chosen verb mean its settings, everywhere that the long form does."""

from pathlib import Path

import pytest

from reasoning_lab.cli.command import command
from reasoning_lab.cli.compose import attempt, compose, written_out
from reasoning_lab.cli.sweep import check_jobs
from reasoning_lab.errors import ConfigError


@pytest.mark.parametrize(
    ("line", "long"),
    [
        ("stage=score path=a.jsonl", "stage=score stage.path=a.jsonl"),
        ("stage=score score.path=a.jsonl", "stage=score stage.path=a.jsonl"),
        ("stage=score score.columns.completion=x", "stage=score stage.columns.completion=x"),
        ("stage=score columns.completion=x", "stage=score stage.columns.completion=x"),
        ("score.strict=true stage=score", "stage.strict=true stage=score"),
        ("num_generations=16", "stage.num_generations=16"),
        ("grpo.num_generations=16", "stage.num_generations=16"),
        ("evaluation.samples=2", "stage.evaluation.samples=2"),
        ("+trl.epsilon_high=0.28", "+stage.trl.epsilon_high=0.28"),
        ("experiment=tiny_base max_length=128", "experiment=tiny_base stage.max_length=128"),
        ("stage=audit problems=8", "stage=audit stage.problems=8"),
        ("stage=samples verdict=wrong count=3", "stage=samples stage.verdict=wrong stage.count=3"),
        ("seed=3 name=x", "seed=3 name=x"),
        ("stage='score' path=a.jsonl", "stage=score stage.path=a.jsonl"),
    ],
)
def test_a_short_word_composes_as_the_long_one(line: str, long: str) -> None:
    assert compose(line.split()) == compose(long.split())


@pytest.mark.parametrize(
    ("line", "where", "cure"),
    [
        ("score.path=x", "score.path", "stage=score"),
        ("stage=score score.pth=x", "stage.pth", "stage.path"),
        ("stage=score pth=x", "pth", "stage.path"),
        ("num_generatoins=4", "num_generatoins", "stage.num_generations"),
        ("stage=sft num_generations=4", "num_generations", "stage=grpo or rloo"),
        ("stage=rloo loss_type=dapo", "loss_type", "stage=grpo"),
        ("stage=sft ~num_generations", "num_generations", ""),
        ("kind=sft", "kind", "stage.kind"),
        ("grpo.kind=sft stage=sft", "grpo.kind", "stage=grpo"),
    ],
)
def test_a_word_that_the_verb_does_not_know(line: str, where: str, cure: str) -> None:
    (problem,) = attempt(line.split())[1]
    assert problem.where == where
    assert cure in problem.cure


def test_words_are_swept_and_refused_in_sweeps() -> None:
    jobs = check_jobs([["num_generations=4"], ["num_generations=8"]])
    assert [job.asked.stage.model_dump()["num_generations"] for job in jobs] == [4, 8]
    with pytest.raises(ConfigError) as caught:
        check_jobs([["num_generations=4"], ["num_generations=7"]])
    assert [problem.where for problem in caught.value.problems] == ["stage.num_generations"]


def test_words_of_several_verbs_and_of_one() -> None:
    both = written_out(["stage=choice(grpo,rloo)", "num_generations=4", "rloo.beta=0.1"])
    assert both == ["stage=choice(grpo,rloo)", "stage.num_generations=4", "rloo.beta=0.1"]
    assert written_out(["~num_generations"]) == ["~stage.num_generations"]


def test_the_composed_configuration_shows_the_long_form(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert command(["--cfg", "job", "stage=score", "score.path=a.jsonl"]) == 0
    assert "stage:\n  kind: score\n  path: a.jsonl\n" in capfd.readouterr().out


def test_a_run_holds_what_its_verb_reads_and_no_more(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.touch()
    (job,) = check_jobs([["stage=score", f"path={file}"]])
    plain = job.asked.model_dump(mode="json")
    assert plain.keys() == {"name", "seed", "output", "group", "resume", "stage", "reward"}
