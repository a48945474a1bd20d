"""Composed setting by setting, a configuration is what Hydra makes of it in one go."""

from __future__ import annotations

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir

from reasoning_lab.cli.compose import CONFIG_NAME, VERSION_BASE, compose, plain
from reasoning_lab.schema.vocabulary import conf_dir


@pytest.mark.parametrize(
    "line",
    [
        "",
        "stage=sft seed=3 name=mine",
        "stage.num_generations=4 reward=r1 +stage.trl.epsilon_high=0.28",
        "reward=math +reward/term@reward.terms.short=length_cosine reward.terms.short.weight=0.2",
        "reward=math ~reward.terms.format",
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
