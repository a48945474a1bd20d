"""Held-out measurement: a model's answers in each way, judged by a metric no loss ever sees.

Correctness is `judges.strict`: the right answer, given once, after thinking, in a finished turn.
It asks no term of the reward, so a reward that is gamed shows as a gap between the training reward
and these figures. How held-out programs are run is `stage.evaluation`'s to say.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.measure.ask import ask
from reasoning_lab.measure.judge import judge
from reasoning_lab.measure.measured import Measured
from reasoning_lab.model.load import Loaded
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Completion, Example


def measure(
    loaded: Loaded,
    examples: Sequence[Example],
    evaluation: Evaluation,
    sandboxes: Sandboxes,
    *,
    on_batch: Callable[[int], None] | None = None,
) -> Measured:
    """Ask every example in each of the evaluation's ways, and judge the completions.

    The same problems, seed and batch order are used before and after training, so the two
    measurements are paired. Programs are judged in `sandboxes`. The global random state is left as
    it was. `on_batch` is told after each batch how many completions it wrote.
    """
    started = perf_counter()
    completions: dict[str, list[list[Completion]]] = {}
    took: dict[str, float] = {}
    for name, way in evaluation.ways.items():
        begun = perf_counter()
        completions[name] = ask(loaded, examples, way, evaluation, on_batch)
        took[name] = perf_counter() - begun
    verdicts = {
        name: judge(rows, examples, sandboxes, evaluation) for name, rows in completions.items()
    }
    limits = {name: evaluation.longest(way) for name, way in evaluation.ways.items()}
    seconds = perf_counter() - started
    return Measured(examples, completions, verdicts, limits, seconds, took)
