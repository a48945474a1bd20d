"""Asking a model the held-out problems in one way: its prompt, and how answers are drawn."""

from collections.abc import Callable, Sequence

from reasoning_lab.model.load import Loaded
from reasoning_lab.model.sampler import sample
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.way import Way
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.prompts import with_mode


def asked(examples: Sequence[Example], way: Way) -> list[Example]:
    """The examples as they are put to the model in this way, in their order."""
    return [with_mode(example, way.mode) for example in examples]


def ask(
    loaded: Loaded,
    examples: Sequence[Example],
    way: Way,
    evaluation: Evaluation,
    on_batch: Callable[[int], None] | None = None,
) -> list[list[Completion]]:
    """`way.samples` completions of each example, in their order.

    The fields that the sampler does not take yet are refused at the door (`schema/rules/ways.py`).
    """
    return sample(
        loaded,
        [example.prompt for example in asked(examples, way)],
        temperature=way.temperature,
        max_completion_length=evaluation.longest(way),
        batch_size=evaluation.batch_size,
        seed=evaluation.seed,
        samples=way.samples,
        on_batch=on_batch,
    )
