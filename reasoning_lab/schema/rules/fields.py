"""Rules between fields: what no single field can know."""

from collections.abc import Iterator, Mapping
from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.batch import Batch, around
from reasoning_lab.schema.reward import gate_problems
from reasoning_lab.schema.rules.table import rule
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.verb import Verb

GROUP = "stage.num_generations"
BATCH = "stage.per_device_train_batch_size"
ROOM = 8


@rule(GROUP, BATCH, "hardware.num_processes", "stage.gradient_accumulation_steps", "stage.trl")
def group_divides_batch(
    group: int, batch: int, processes: int, accumulation: int, trl: Mapping[str, Any]
) -> Iterator[Problem]:
    """Groups must fill the generation batch: batch x processes x accumulation completions."""
    made = Batch.said(batch, accumulation, processes, group, trl)
    if not isinstance(made.generated, int) or made.generated % group == 0:
        return
    batches = made.nearest_batches(processes * made.generations)
    yield Problem(
        GROUP,
        f"groups of {group} do not divide the generation batch of {made.generated} "
        f"({''.join(made.words())})",
        f"use {_choices(GROUP, made.nearest_groups())}; or {_choices(BATCH, batches)}",
    )


@rule("stage.max_completion_length", "model.max_length")
def completion_fits(completion: int, longest: int) -> Iterator[Problem]:
    """A completion must leave room for its prompt."""
    yield from _fits("stage.max_completion_length", completion, longest)


@rule("stage.evaluation.max_completion_length", "model.max_length", "stage")
def measured_completion_fits(
    completion: int, longest: int, stage: Mapping[str, Any]
) -> Iterator[Problem]:
    """The same when measuring, unless it is the very same number, reported already."""
    if stage.get("max_completion_length") != completion:
        yield from _fits("stage.evaluation.max_completion_length", completion, longest)


@rule("stage.max_length", "model.max_length")
def row_fits(row: int, longest: int) -> Iterator[Problem]:
    """A training row cannot be longer than the model reads."""
    if row > longest:
        what = f"rows of {row} tokens do not fit the model's {longest} (model.max_length)"
        yield Problem("stage.max_length", what, f"use stage.max_length={longest} or less")


@rule("stage.warmup_steps", "stage.max_steps")
def warmup_ends(warmup: int, steps: int) -> Iterator[Problem]:
    """The step size should reach its height while the run lasts."""
    if warmup > steps:
        what = f"{warmup} warm-up steps in a run of {steps}: the step size never gets up"
        yield Problem("stage.warmup_steps", what, f"use stage.warmup_steps={steps // 10}")


@rule("stage.evaluation.problems", "data.heldout_size")
def enough_heldout(problems: int | None, size: int | None) -> Iterator[Problem]:
    """More problems cannot be measured than are held out."""
    key = "stage.evaluation.problems"
    if size is not None and problems is not None and problems > size:
        what = f"asks for {problems} held-out problems, the data set holds out {size}"
        yield Problem(key, what, f"use {key}={size} or data.heldout_size={problems}")


@rule("data.train_split", "data.heldout_split", "data.name", "stage.kind")
def no_test_set_is_trained_on(
    train: str | None, held_out: str, name: str, stage: str
) -> Iterator[Problem]:
    """A test set that was trained on measures nothing any more."""
    if train is None and _verb(stage).makes != "report":
        what = f"{name} is a test set, so stage={stage} has nothing to train on"
        cure = f"use stage=evaluate, or other data; data.train_split={held_out} gives nine tenths"
        yield Problem("data.train_split", what, f"{cure} of it up for training")


@rule("data.train_split", "data.train_size")
def no_row_of_a_test_set_is_chosen_for_training(
    train: str | None, size: int | None
) -> Iterator[Problem]:
    """There is nothing to choose from."""
    if train is None and size is not None:
        what = f"asks for {size} rows to train on, a test set has none"
        yield Problem("data.train_size", what, f"use data.heldout_size={size}")


@rule("data.kind", "stage.kind")
def mixture_only_teaches(data: str, stage: str) -> Iterator[Problem]:
    """A mixture has worked responses but no scorer."""
    verb = _verb(stage)
    if data == "mixture" and "data" in verb.reads and verb.rows == "problems":
        what = f"a mixture is for supervised fine-tuning, not for stage={stage}"
        yield Problem("data", what, "use stage=sft, or data=chain_sum")


@rule("reward.terms")
def gates_exist(terms: Mapping[str, Any]) -> Iterator[Problem]:
    """A gate is another term, and gates do not run in a circle."""
    yield from gate_problems({name: term["gate"] for name, term in terms.items()})


@rule("reward.terms", "stage.kind")
def something_pays(terms: Mapping[str, Any], stage: str) -> Iterator[Problem]:
    """Reinforcement without any paid term learns nothing."""
    idle = all(term["weight"] == 0 for term in terms.values())
    if idle and issubclass(_verb(stage), Reinforcing):
        what = "every weight is 0, so nothing is learned"
        yield Problem("reward.terms", what, f"use reward.terms.{next(iter(terms))}.weight=1")


@rule("stage.kind", "peft.kind")
def adapters_are_trained(stage: str, peft: str) -> Iterator[Problem]:
    """Only training makes an adapter; one that was trained comes with its model."""
    if "peft" not in _verb(stage).reads and peft != "none":
        what = f"stage={stage} trains nothing, so peft={peft} would do nothing"
        how = "a trained adapter is measured with model=from_run model.path=run:NAME@latest"
        yield Problem("peft", what, f"drop it; {how}")


@rule("stage.kind", "hardware.num_processes")
def verbs_that_run_alone(stage: str, processes: int) -> Iterator[Problem]:
    """Where no device is used there is nothing to share, and a probe takes a minute."""
    verb = _verb(stage)
    if (verb.alone or not verb.device) and processes > 1:
        what = f"stage={stage} runs in one process, not in {processes}"
        yield Problem("hardware.num_processes", what, "drop hardware=…")


@rule("hardware.num_processes", "hardware.strategy", "hardware.device")
def processes_have_strategy(processes: int, strategy: str, device: str) -> Iterator[Problem]:
    """Several processes need a way to share the work."""
    if processes > 1 and strategy == "single":
        what = f"{processes} processes cannot run with hardware.strategy=single"
        gpus = f"use hardware=ddp hardware.num_processes={processes}"
        cure = "use hardware.strategy=ddp" if device == "cpu" else gpus
        yield Problem("hardware.num_processes", what, cure)


@rule("hardware.device", "hardware.precision", "hardware.strategy")
def device_can(device: str, precision: str, strategy: str) -> Iterator[Problem]:
    """A CPU has no half precision worth training in, and shares no weights."""
    if device == "cpu" and precision == "fp16":
        what = "a CPU cannot train in fp16"
        yield Problem("hardware.precision", what, "use hardware.precision=fp32")
    if device in ("cpu", "mps") and strategy in ("fsdp2", "zero3"):
        what = f"{strategy} needs CUDA devices, not {device}"
        yield Problem("hardware.strategy", what, "use hardware=cpu")


@rule("model.scratch")
def heads_divide(scratch: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Heads share the width evenly, each with an even number of dimensions (rotary pairs)."""
    if scratch is None:
        return
    width, heads = scratch["hidden_size"], scratch["num_attention_heads"]
    if width % (2 * heads):
        fit = [n for n in range(1, width // 2 + 1) if width % (2 * n) == 0 and n <= 64]
        key = "model.scratch.num_attention_heads"
        what = f"{heads} heads do not share a width of {width} in even parts"
        yield Problem(key, what, f"use {_choices(key, around(heads, fit))}")


def _verb(kind: str) -> type[Verb]:
    """The class of a verb; one of no known name has its own problem, and is none that rules ask."""
    return VERBS.get(kind, Verb)


def _fits(key: str, completion: int, longest: int) -> Iterator[Problem]:
    if completion > longest - ROOM:
        what = f"{completion} tokens leave no room for a prompt in model.max_length={longest}"
        yield Problem(key, what, f"use {key}={longest // 2}, or a larger model.max_length")


def _choices(key: str, values: list[int]) -> str:
    return f"{key}={' or '.join(map(str, values))}"
