"""A setting that needs a package which is not here is refused at the door."""

from importlib.util import find_spec

import pytest
from transformers.training_args import OptimizerNames

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.door import check

OF_TORCH = {"adamw_torch", "adamw_torch_fused", "adafactor", "sgd", "adagrad", "rmsprop"}
ELSEWHERE = {"adamw_torch_xla", "adamw_torch_npu_fused", "adamw_anyprecision"}
"""Of other devices, or long gone."""


@pytest.mark.parametrize(
    ("line", "key", "module"),
    [
        ("+stage.trl.use_vllm=true", "stage.trl.use_vllm", "vllm"),
        ("stage=rloo +stage.trl.use_vllm=true", "stage.trl.use_vllm", "vllm"),
        ("+stage.trl.use_liger_kernel=true", "stage.trl.use_liger_kernel", "liger_kernel"),
        ("stage=sft +stage.trl.optim=paged_adamw_8bit", "stage.trl.optim", "bitsandbytes"),
        ("model.attention=flash_attention_2", "model.attention", "flash_attn"),
    ],
)
def test_a_package_that_is_not_here(line: str, key: str, module: str) -> None:
    composed = compose(line.split())
    if find_spec(module) is not None:
        check(composed)
        return
    with pytest.raises(ConfigError) as caught:
        check(composed)
    (problem,) = caught.value.problems
    assert problem.where == key
    assert module in problem.what
    assert "drop it" in problem.cure


@pytest.mark.parametrize(
    "line", ["+stage.trl.use_vllm=false", "+stage.trl.optim=adamw_torch", "model.attention=eager"]
)
def test_what_needs_none_passes(line: str) -> None:
    check(compose(line.split()))


@pytest.mark.parametrize("optimiser", sorted(one.value for one in OptimizerNames))
def test_every_optimiser_of_transformers_is_known_by_its_package(optimiser: str) -> None:
    if optimiser in ELSEWHERE:
        return
    try:
        check(compose([f"+stage.trl.optim={optimiser}"]))
        refused = []
    except ConfigError as error:
        refused = [problem.where for problem in error.problems]
    if optimiser in OF_TORCH:
        assert not refused
    elif not any(find_spec(name) for name in ("bitsandbytes", "torchao", "galore_torch")):
        assert refused == ["stage.trl.optim"]
