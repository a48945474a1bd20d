"""`debug=NAME` goes with every verb, and warm-up follows the length of a run."""

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.door import check
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.schema.vocabulary import choices, conf_dir

NEEDS = {"score": ["score.path=FILE.jsonl"], "compare": ["a=run:one@latest", "b=run:two@latest"]}


@pytest.mark.parametrize("debug", choices("debug"))
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_passes_the_door_in_tiny_sizes(verb: str, debug: str) -> None:
    run = check(compose([f"stage={verb}", f"debug={debug}", *NEEDS.get(verb, [])]))
    assert run.name == f"{debug}_{verb}", "never found as the newest run of that verb"
    if isinstance(run.stage, Measuring):
        assert (run.stage.evaluation.problems or 1000) < 10
        assert run.tracker.kind == "none"
    if isinstance(run.stage, Training):
        assert run.stage.max_steps < 10


@pytest.mark.parametrize("data", sorted(choices("data")))
def test_with_all_data_presets_and_settings(data: str) -> None:
    chosen = compose([f"data={data}"])["data"]
    test_set = chosen.get("train_split", "train") is None
    stage = "sft" if chosen["kind"] == "mixture" else "evaluate" if test_set else "grpo"
    run = check(compose([f"stage={stage}", f"data={data}", "debug=smoke"]))
    assert run.data.train_size == (None if run.data.kind in ("rows", "from_run") else 64)
    preset = check(compose(["debug=smoke", "experiment=tiny_base", "max_steps=3", "seed=1"]))
    assert isinstance(preset.stage, Training)
    assert (preset.stage.max_steps, preset.seed, preset.model.name) == (3, 1, "tiny_scratch")


def test_nothing_chosen_is_the_default() -> None:
    assert compose(["debug=null", "experiment=null"]) == compose()


def test_what_a_preset_changes_is_named_after_verbs() -> None:
    own = {path.stem for path in (conf_dir() / "debug/smoke").glob("*.yaml")}
    assert own - {"training"} <= VERBS.keys()


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("stage=grpo", 5),
        ("stage=rloo", 5),
        ("stage=sft", 10),
        ("stage=grpo max_steps=12", 5),
        ("stage=sft max_steps=20", 10),
        ("stage=grpo max_steps=4", 2),
        ("stage=sft max_steps=1", 0),
        ("experiment=tiny_base", 100),
        ("experiment=tiny_base max_steps=3", 1),
        ("experiment=gsm8k_qwen model.path=. max_steps=10", 5),
        ("stage=sft max_steps=4 warmup_steps=4", 4),
    ],
)
def test_warm_up_is_at_most_half_of_the_run_but_as_it_is_written(line: str, steps: int) -> None:
    assert compose(line.split())["stage"]["warmup_steps"] == steps


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("max_steps=4 warmup_steps=5", "stage.warmup_steps"),
        ("max_steps=many", "stage.max_steps"),
        ("max_steps=null", "stage.max_steps"),
        ("max_steps=-3", "stage.max_steps"),
    ],
)
def test_what_is_wrong_is_told_by_its_own_key(line: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(compose(line.split()))
    assert [problem.where for problem in caught.value.problems] == [where]
