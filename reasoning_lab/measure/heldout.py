"""Held-out measurement: a model's answers in each way, judged by a metric no loss ever sees.

Correctness is `judges.strict`: the right answer, given once, after thinking, in a finished turn.
It asks no term of the reward, so a reward that is gamed shows as a gap between the training reward
and these figures. How held-out programs are run is `stage.evaluation`'s to say.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure.ask import ask
from reasoning_lab.measure.judge import judge
from reasoning_lab.measure.measured import Measured
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Completion, Example


def measure(
    engine: Engine,
    examples: Sequence[Example],
    evaluation: Evaluation,
    sandboxes: Sandboxes,
    *,
    folder: Path | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> Measured:
    """Ask every example in each of the evaluation's ways, and judge the completions.

    The same problems, seed and batch order are used before and after training, so the two
    measurements are paired. Programs are judged in `sandboxes`. The global random state is left as
    it was. With `folder` every completion is stored there as soon as it is written, and what an
    earlier life of the run stored is not asked for again. `on_done` is told of completions as they
    are done.
    """
    started = perf_counter()
    completions: dict[str, list[list[Completion]]] = {}
    took: dict[str, float] = {}
    for name, way in evaluation.ways.items():
        begun = perf_counter()
        file = None if folder is None else folder / f"{name}.jsonl"
        completions[name] = ask(engine, examples, way, evaluation, file=file, on_done=on_done)
        took[name] = perf_counter() - begun
    verdicts = {
        name: judge(rows, examples, sandboxes, evaluation) for name, rows in completions.items()
    }
    limits = {name: evaluation.longest(way) for name, way in evaluation.ways.items()}
    seconds = perf_counter() - started
    return Measured(examples, completions, verdicts, limits, seconds, took)
