"""Single settings that need a package which the lab does not bring, looked for before a run starts.

Choices of a whole group that need one (`peft=qlora`) are in `rules/places.py`.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.rules.table import rule

VLLM = (
    "drop it, and TRL generates with transformers; vLLM needs a GPU and pins another torch and an "
    "older transformers than the lab, so its extra cannot be installed beside it (pyproject.toml)"
)
# Beginnings of the names of transformers' optimisers: the module that has them, and its package.
OPTIMISERS = {
    "adamw_torch_4bit adamw_torch_8bit": ("torchao", "torchao"),
    "adamw_bnb adamw_8bit ademamix lion paged_ rmsprop_bnb": ("bitsandbytes", "bitsandbytes"),
    "galore_": ("galore_torch", "galore-torch"),
    "lomo adalomo": ("lomo_optim", "lomo-optim"),
    "grokadamw": ("grokadamw", "grokadamw"),
    "schedule_free": ("schedulefree", "schedulefree"),
    "apollo_": ("apollo_torch", "apollo-torch"),
    "stable_adamw": ("optimi", "torch-optimi"),
}


@rule("stage.trl")
def trl_packages_are_installed(trl: Mapping[str, Any]) -> Iterator[Problem]:
    """Fields of TRL that are nothing without their package."""
    if trl.get("use_vllm") is True:
        yield from _wanted("stage.trl.use_vllm", "vllm", VLLM)
    if trl.get("use_liger_kernel") is True:
        yield from _wanted("stage.trl.use_liger_kernel", "liger_kernel", _install("liger-kernel"))
    optimiser = str(trl.get("optim", ""))
    for beginnings, (module, package) in OPTIMISERS.items():
        if optimiser.startswith(tuple(beginnings.split())):
            yield from _wanted("stage.trl.optim", module, _install(package))


@rule("model.attention")
def attention_is_installed(attention: str) -> Iterator[Problem]:
    """The fast kernels are a package of their own."""
    if attention == "flash_attention_2":
        yield from _wanted("model.attention", "flash_attn", _install("flash-attn"))


def _wanted(key: str, module: str, cure: str) -> Iterator[Problem]:
    if find_spec(module) is None:
        yield Problem(key, f"needs the package {module}, which is not installed", cure)


def _install(package: str) -> str:
    return f"pip install {package}, or drop it"
