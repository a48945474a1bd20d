"""Composed setting by setting, a configuration is what Hydra makes of it in one go."""

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir

from reasoning_lab.cli.compose import CONFIG_NAME, VERSION_BASE, compose, plain
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.door import check
from reasoning_lab.schema.vocabulary import conf_dir


@pytest.mark.parametrize(
    "line",
    [
        "",
        "stage=sft seed=3 name=mine",
        "stage.num_generations=4 reward=r1 +stage.trl.epsilon_high=0.28",
        "reward=math +reward/term@reward.terms.short=length_cosine reward.terms.short.weight=0.2",
        "reward=math ~reward.terms.format",
        "reward=code reward.terms.code.params.isolation=process ~reward.terms.code_format",
        "data.params.max_digits=2 +data.params.allow_negation=true",
        "data=reasoning_gym data.task=gcd +data.params={max_value:9} reward=scorer",
        "experiment=gsm8k_qwen peft=qlora peft.r=4 model.max_length=2048",
        "model.path=run:grpo@latest model=from_run tracker=none",
    ],
)
def test_as_hydra_composes(line: str) -> None:
    with initialize_config_dir(config_dir=str(conf_dir()), version_base=VERSION_BASE):
        whole = hydra_compose(CONFIG_NAME, overrides=line.split())
    assert compose(line.split()) == plain(whole)


CODE = "reward.terms.code.params"
HELD_OUT = "stage.evaluation"


@pytest.mark.parametrize(
    ("line", "isolation", "modules"),
    [
        ("", "auto", []),
        ("reward=combined ~reward.terms.code", "auto", []),
        (f"stage=sft reward=code {CODE}.isolation=process", "process", []),
        (f"+reward/term@reward.terms.code=code {CODE}.modules=[numpy]", "auto", ["numpy"]),
        (f"reward=code {CODE}.isolation=process {HELD_OUT}.isolation=auto", "auto", []),
    ],
)
def test_held_out_programs_are_run_as_the_rewards_unless_told_otherwise(
    line: str, isolation: str, modules: list[str]
) -> None:
    evaluation = compose(line.split())["stage"]["evaluation"]
    assert (evaluation["isolation"], evaluation["modules"]) == (isolation, modules)


@pytest.mark.parametrize(
    ("line", "where", "cure"),
    [
        (f"{CODE}.isolation=proces", f"{CODE}.isolation", "did you mean process?"),
        (f"{HELD_OUT}.isolation=proces", f"{HELD_OUT}.isolation", "did you mean process?"),
        (f"{CODE}.modules=numpy", f"{CODE}.modules", f"write '{CODE}.modules=[numpy]'"),
        (f"{HELD_OUT}.modules=[a-b]", f"{HELD_OUT}.modules[0]", "such as numpy"),
    ],
)
def test_a_wrong_setting_of_programs_is_told_by_the_key_that_was_set(
    line: str, where: str, cure: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check(compose(["reward=code", "data=tiny_code", "tracker=none", line]))
    (problem,) = caught.value.problems
    assert problem.where == where
    assert cure in problem.cure
