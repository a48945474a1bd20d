"""Asking a model the held-out problems in one way: its prompt, and how answers are drawn."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import sample_prompts
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.way import Way
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.prompts import with_mode


def asked(examples: Sequence[Example], way: Way) -> list[Example]:
    """The examples as they are put to the model in this way, in their order."""
    return [with_mode(example, way.mode) for example in examples]


def params_of(way: Way, evaluation: Evaluation) -> Params:
    """How the answers of a way are drawn: its own fields, and what the evaluation says of all."""
    return Params(
        temperature=way.temperature,
        top_p=way.top_p,
        top_k=way.top_k,
        max_completion_length=evaluation.longest(way),
        seed=evaluation.seed,
        stop=way.stop,
        max_think_tokens=way.max_think_tokens,
    )


def ask(
    engine: Engine,
    examples: Sequence[Example],
    way: Way,
    evaluation: Evaluation,
    *,
    file: Path | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> list[list[Completion]]:
    """`way.samples` completions of each example, in their order.

    With `file` each is in it as soon as it is written, and what is there already is not asked for
    again. `on_done` is told how many are new, after each.
    """
    rules = params_of(way, evaluation)
    with nullcontext() if file is None else Store(file, engine, rules) as store:
        found = sample_prompts(
            [example.prompt for example in asked(examples, way)],
            engine,
            rules,
            samples=way.samples,
            store=store,
            on_done=on_done,
        )
        if store is not None:
            store.finish()
    return found
