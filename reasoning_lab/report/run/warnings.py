"""What a user should be told about a finished run, before trusting or repeating it.

Warnings say what may be wrong, remarks what went so well that it changes what to do next. Each
rule looks at the last quarter of the training metrics or at the manifest and gives one sentence
with the cure. The thresholds are rules of thumb: they mark where the usual complaint
("the reward stands still", "the reward rises, accuracy does not") begins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from reasoning_lab.records.metrics import MetricRow, finite
from reasoning_lab.report.run.results import cut_off
from reasoning_lab.report.run.results import rows as result_rows
from reasoning_lab.report.text.words import percent
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.statistics.interval import Estimate

NO_SIGNAL = 0.7  # share of groups in which all completions got the same reward
CUT_OFF = 0.2  # share of completions cut at the limit
NEARLY_ALL = 0.95  # share cut off from which on no limit may be enough
UNJUDGED = 0.05  # share of completions that the verifier could not judge in time
FEW_PROBLEMS = 200
LEARNED = 0.95  # share of right answers from which on the data has little left to teach
NEVER_PAID = "not one of the late completions was paid anything, so nothing to learn"
RISEN = 0.1  # rise of the training reward over a run that is worth a word
FEW_STEPS = 8  # recorded steps below which the reward's rise is one or two batches' luck
MOVING = 0.02  # rise of the thinking share from one quarter of the run to the next
REWARD = ("train/rewards/total/mean", "train/reward")

Metrics = Sequence[MetricRow]


def warnings(run: Run, manifest: Manifest, metrics: Metrics) -> list[str]:
    """Sentences, the most serious first; empty where nothing stands out."""
    found = [
        _not_finite(metrics),
        _worse(run, manifest, metrics),
        _reward_without_gain(manifest, metrics),
        "" if learned(manifest) else _no_signal(run, metrics),
        _cut_off(run, metrics) or _measured_cut_off(run, manifest),
        _unjudged(metrics),
        _few_problems(run, manifest),
        _uncommitted(manifest),
    ]
    return [sentence for sentence in found if sentence]


def remarks(manifest: Manifest) -> list[str]:
    """Sentences about what went so well that repeating it would teach nothing more."""
    if not learned(manifest) or manifest.stage == "evaluate":
        return []
    return ["this data is learned: nearly every answer is right, so more of it teaches little"]


def learned(manifest: Manifest) -> bool:
    """Whether nearly all held-out answers are right, greedy and sampled."""
    found = [row.after.value for row in result_rows(manifest) if row.is_score and row.after]
    return bool(found) and min(found) >= LEARNED


def late_mean(metrics: Metrics, *keys: str) -> float | None:
    """Mean over the last quarter of the rows that have the first of `keys` ever recorded."""
    for key in keys:
        values = [value for _, value in finite(metrics, key)]
        if values:
            tail = values[-max(1, len(values) // 4) :]
            return math.fsum(tail) / len(tail)
    return None


def _early_mean(metrics: Metrics, *keys: str) -> float | None:
    return late_mean(list(reversed(metrics)), *keys)


def _not_finite(metrics: Metrics) -> str:
    broken = sorted(
        {key for row in metrics for key, value in row.values.items() if not math.isfinite(value)}
    )
    if not broken:
        return ""
    return f"not a number at some step: {', '.join(broken)}; lower stage.learning_rate"


def _worse(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    """Worse at the end, or caught in the middle: a model that begins to think answers worse at
    first, since it has yet to learn to think right."""
    scores = [row for row in result_rows(manifest) if row.is_score]
    worse = [row.label for row in scores if row.verdict == "worse"]
    if not worse or not isinstance(run.stage, Training):
        return ""
    better = [row.label for row in scores if row.verdict == "better"]
    if better or _thinking_rises(metrics):
        also = f"{', '.join(better)} got better" if better else "thinking was still rising"
        return (
            f"{', '.join(worse)} got worse while {also}: the model is still moving; "
            f"raise stage.max_steps above {run.stage.max_steps:,}"
        )
    return f"training made it worse: {', '.join(worse)}; lower stage.learning_rate or stop earlier"


def _thinking_rises(metrics: Metrics) -> bool:
    """Whether the last quarter of the run thinks more than the quarter before it."""
    key = "train/rewards/share_thinking"
    values = [value for _, value in finite(metrics, key)]
    quarter = max(1, len(values) // 4)
    late, earlier = values[-quarter:], values[-2 * quarter : -quarter]
    if not late or not earlier:
        return False
    return math.fsum(late) / len(late) - math.fsum(earlier) / len(earlier) > MOVING


def _reward_without_gain(manifest: Manifest, metrics: Metrics) -> str:
    """A reward that rose where held-out answers cannot have got half as much better.

    That no difference can be told is not enough: a short run, or few problems, tell nothing.
    """
    early, late = _early_mean(metrics, *REWARD), late_mean(metrics, *REWARD)
    gains = [row.gain for row in result_rows(manifest) if row.gain is not None and row.is_score]
    highest = [gain.high for gain in gains if gain.high is not None]
    if early is None or late is None or not gains or len(highest) < len(gains):
        return ""
    recorded = sum(any(key in row.values for key in REWARD) for row in metrics)
    if recorded < FEW_STEPS or late - early < RISEN or max(highest) > (late - early) / 2:
        return ""
    if any(gain.low is not None and gain.low > 0 for gain in gains):
        return ""
    return (
        f"the training reward rose from {early:.2f} to {late:.2f}, held-out pass@1 did not "
        f"(by {100 * max(0.0, *highest):.1f} points at most): the reward may pay for something "
        "else; read the samples and gate the other terms"
    )


def _no_signal(run: Run, metrics: Metrics) -> str:
    share = late_mean(metrics, "train/frac_reward_zero_std")
    if share is None or share < NO_SIGNAL or not isinstance(run.stage, Reinforcing):
        return ""
    reward = late_mean(metrics, *REWARD) or 0.0
    said = f"{percent(share)} of the late groups had one reward for all, so nothing to learn"
    if reward > 0.5:
        return f"{said}; the problems have become too easy: choose harder ones or stop earlier"
    if share < 1:
        more = f"raise stage.num_generations above {run.stage.num_generations}"
        return f"{said}; {more} or choose easier ones"
    # More of the same would be paid the same.
    return (
        f"{said if reward else NEVER_PAID}; teach the task first, with stage=sft on the same data, "
        "or take a larger model or easier problems"
    )


def _cut_off(run: Run, metrics: Metrics) -> str:
    share = late_mean(metrics, "train/completions/clipped_ratio")
    if share is None or share < CUT_OFF or not isinstance(run.stage, Reinforcing):
        return ""
    limit = run.stage.max_completion_length
    return (
        f"{percent(share)} of the late completions were cut off at {limit:,} tokens; "
        f"raise stage.max_completion_length"
    )


def _measured_cut_off(run: Run, manifest: Manifest) -> str:
    """Of the held-out completions: an answer that was cut off is not right."""
    shares = {way: one.value for way, one in cut_off(manifest).items() if one.value >= CUT_OFF}
    if not shares or not isinstance(run.stage, Measuring):
        return ""
    said = " and ".join(f"{percent(share)} of the {way}" for way, share in shares.items())
    never = "; or the model never ends its turn: stage=sft teaches it to"
    return (
        f"{said} held-out completions were cut off at "
        f"{run.stage.evaluation.max_completion_length:,} tokens; raise "
        f"stage.evaluation.max_completion_length{never * (min(shares.values()) >= NEARLY_ALL)}"
    )


def _unjudged(metrics: Metrics) -> str:
    shares = {name: late_mean(metrics, f"train/verdict/{name}") for name in ("timeout", "bad_gold")}
    high = [f"{name} {percent(s)}" for name, s in shares.items() if s is not None and s > UNJUDGED]
    return f"answers without a judgement: {', '.join(high)}; see samples.jsonl" if high else ""


def _few_problems(run: Run, manifest: Manifest) -> str:
    counted: list[Estimate] = [row.after for row in result_rows(manifest) if row.after is not None]
    smallest = min((one.n for one in counted if one.n is not None), default=FEW_PROBLEMS)
    if smallest >= FEW_PROBLEMS or not isinstance(run.stage, Measuring):
        return ""
    asked, held_out = run.stage.evaluation.problems, run.data.heldout_size
    cure = "these are all that the data hold out"
    if asked is not None and (held_out is None or asked < held_out):
        cure = "raise stage.evaluation.problems"
    elif held_out is not None:
        cure = "raise data.heldout_size"
    return f"only {smallest} held-out problems, so wide intervals; {cure}"


def _uncommitted(manifest: Manifest) -> str:
    if manifest.git is None or not manifest.git.dirty:
        return ""
    return "the checkout had uncommitted changes: this commit alone does not repeat the run"
