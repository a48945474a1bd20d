"""What may be wrong with a finished run: checks that verbs share.

Each looks at the last quarter of the training metrics or at the manifest and gives one sentence
with the cure, or an empty text. The thresholds are rules of thumb: they mark where the usual
complaint ("the reward stands still", "the reward rises, accuracy does not") begins.
"""

import math
from collections.abc import Callable, Sequence

from reasoning_lab.records.metrics import MetricRow
from reasoning_lab.report.run.results import BUDGET_LIMITED, LIMITED, cut_off, evaluation_of
from reasoning_lab.report.run.results import rows as result_rows
from reasoning_lab.report.text.words import counted, percent
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training

CUT_OFF = 0.2  # share of training's completions cut at the limit
NEARLY_ALL = 0.95  # share cut off from which on no limit may be enough
FEW_PROBLEMS = 200
LEARNED = 0.95  # share of right answers from which on the data has little left to teach

Metrics = Sequence[MetricRow]
Check = Callable[[Run, Manifest, Metrics], str]


def learned(manifest: Manifest) -> bool:
    """Whether nearly all held-out answers are right, greedy and sampled."""
    found = [row.after.value for row in result_rows(manifest) if row.is_score and row.after]
    return bool(found) and min(found) >= LEARNED


def remarks(run: Run, manifest: Manifest) -> list[str]:
    """Sentences about what went so well that repeating it would teach nothing more."""
    if not isinstance(run.stage, Training) or not learned(manifest):
        return []
    if any(row.verdict == "worse" for row in result_rows(manifest)):
        return []
    return ["this data is learned: nearly every answer is right, so more of it teaches little"]


def not_finite(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """Something recorded was no number."""
    pairs = [pair for row in metrics for pair in row.values.items()]
    broken = sorted({key for key, value in pairs if not math.isfinite(value)})
    said = f"not a number at some step: {', '.join(broken)}; lower stage.learning_rate"
    return said if broken else ""


def measured_cut_off(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """Of the held-out completions: an answer that was cut off is not right."""
    shares = {way: one.value for way, one in cut_off(manifest).items() if one.value > LIMITED}
    if not shares:
        return ""
    said = " and ".join(f"{percent(share)} of the {way}" for way, share in shares.items())
    evaluation = evaluation_of(run)
    said = f"{BUDGET_LIMITED}: {said} held-out completions were cut off"
    if "model" not in run.stage.reading():  # how long they might be was settled by others
        return said
    limits = {evaluation.longest(evaluation.ways[way]) for way in shares if way in evaluation.ways}
    said += f" at {counted(limits.pop(), 'token')}" if len(limits) == 1 else ""
    never = "; or the model never ends its turn: stage=sft teaches it to"
    never *= min(shares.values()) >= NEARLY_ALL
    return f"{said}; raise stage.evaluation.max_completion_length{never}"


def few_problems(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """So few held-out problems that the intervals are wide."""
    measured = [row.after for row in result_rows(manifest)]
    smallest = min((one.n for one in measured if one and one.n is not None), default=FEW_PROBLEMS)
    if smallest >= FEW_PROBLEMS:
        return ""
    asked, held_out = evaluation_of(run).problems, run.data.heldout_size
    cure = "these are all that the data hold out"
    if asked is not None and (held_out is None or asked < held_out):
        cure = "raise stage.evaluation.problems"
    elif held_out is not None:
        cure = "raise data.heldout_size"
    return f"only {counted(smallest, 'held-out problem')}, so wide intervals; {cure}"


def uncommitted(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """The commit alone does not say what ran."""
    if manifest.git is None or not manifest.git.dirty:
        return ""
    return "the checkout had uncommitted changes: this commit alone does not repeat the run"


MEASURED: tuple[Check, ...] = (measured_cut_off, few_problems, uncommitted)
"""What may be wrong with held-out results, the most serious first."""
