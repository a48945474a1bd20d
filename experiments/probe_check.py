"""Does the probe foresee how many groups of GRPO's first steps carry a signal, and their time?

    python experiments/probe_check.py            # about 10 minutes on 2 cores; writes its CSV

For each task a probe, and a GRPO run of `STEPS` steps whose step size is next to nothing, so that
all of them sample the very model that was probed. The run's own log (`train/frac_reward_zero_std`,
`perf/step_time`) is what the probe is held against. The problems are not the same: each takes its
own of the training part. The interval of the difference is that of two independent estimates.
"""

import csv
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from reasoning_lab.records.metrics import finite, read_metrics
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.statistics.interval import Estimate, mean_interval

HERE = Path(__file__).parent
STEPS, GROUP = 12, 8
TASKS = {
    "chain_sum, 4 to 6 terms": "data=chain_sum reward=math",
    "chain_sum, 9 to 12 terms": (
        "data=chain_sum data.params.min_terms=9 data.params.max_terms=12 reward=math"
        " model.max_completion_length=128"
    ),
    "gcd": "data=reasoning_gym data.task=gcd reward=scorer",
    "products": "data=reasoning_gym data.task=products reward=scorer",
}


def run(output: Path, *arguments: str) -> RunFolder:
    """A command of the lab, come to its end; the folder of its run."""
    shared = ["tracker=none", "hardware=cpu", f"output={output}"]
    command = [sys.executable, "-m", "reasoning_lab", *arguments, *shared]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder,) = output.glob("*/*/0")
    return RunFolder(folder)


def checked(name: str, choices: list[str]) -> list[str]:
    """One row: the share foreseen, the share logged, their difference; seconds a step."""
    with tempfile.TemporaryDirectory() as scratch:
        probe = run(Path(scratch) / "probe", "stage=probe", *choices)
        still = f"stage.learning_rate=1e-12 stage.max_steps={STEPS} stage.evaluation.every=0"
        small = f"stage.num_generations={GROUP} stage.evaluation.problems=2"
        trained = run(
            Path(scratch) / "grpo", "stage=grpo", *choices, *still.split(), *small.split()
        )
        found = read(probe).metrics
        logged = read_metrics(trained.metrics)
    foreseen = found[f"probe/signal/{GROUP}"]
    alike = [value for _, value in finite(logged, "train/frac_reward_zero_std")]
    seen = mean_interval([1 - value for value in alike], bounds=(0.0, 1.0))
    apart = difference(seen, foreseen)
    seconds = statistics.median(value for _, value in finite(logged, "perf/step_time"))
    parts = (found[f"perf/step_{part}_seconds"].value for part in ("writing", "learning"))
    told = sum(parts)
    return [
        name, shown(found["probe/pass@1"]), shown(foreseen), shown(seen), shown(apart),
        f"{told:.2f}", f"{seconds:.2f}",
    ]  # fmt: skip


def difference(seen: Estimate, foreseen: Estimate) -> Estimate:
    """`seen - foreseen`; half widths of independent intervals add as squares."""
    value = seen.value - foreseen.value
    ends = (seen.low, seen.high, foreseen.low, foreseen.high)
    if any(end is None for end in ends):
        return Estimate(value=value, low=None, high=None, n=None)
    half = math.hypot((seen.high - seen.low) / 2, (foreseen.high - foreseen.low) / 2)
    return Estimate(value=value, low=value - half, high=value + half, n=None)


def shown(one: Estimate) -> str:
    """A share in per cent, with its interval."""
    ends = "" if one.low is None or one.high is None else f" [{one.low:.1%}, {one.high:.1%}]"
    return f"{one.value:.1%}{ends}"


def main() -> int:
    """Check every task, print the table, write the CSV."""
    head = [
        "task", "pass@1", f"signal foreseen, groups of {GROUP}", f"logged, {STEPS} steps",
        "logged - foreseen", "step foreseen, s", "step, s",
    ]  # fmt: skip
    rows = [checked(name, choices.split()) for name, choices in TASKS.items()]
    with (HERE / "probe_check.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
    for row in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
