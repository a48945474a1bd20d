"""How often the lab's intervals hold the truth: `python experiments/coverage.py`, in minutes.

Yes or no, one answer a problem: the coverage of Wilson's interval, of Clopper and Pearson's and of
the lab's rule, enumerated exactly over all outcomes, and of Wilson's simulated besides. Several
answers a problem: problems draw their own chance of being right from a beta distribution, so that
the truth is known; coverage of the t-interval, of both bootstraps and of the lab's rule, simulated.
Writes `coverage.csv` beside itself and prints the tables of `intervals.md`.
"""

import csv
import math
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from reasoning_lab.statistics.bootstrap import bootstrap_mean
from reasoning_lab.statistics.interval import Estimate, mean_interval, proportion
from reasoning_lab.statistics.rates import exact_share, share_of

OUT = Path(__file__).with_name("coverage.csv")
HEAD = ["answers", "problems", "p", "spread", "interval", "coverage", "error", "exact", "width"]
SEED = 20261130
DRAWS = 20_000  # of one answer a problem; the binomial is cheap
RUNS = 1_000  # of several, each with a bootstrap of its own
SIZES, CHANCES = (20, 50, 200, 500), (0.005, 0.02, 0.05, 0.1, 0.3, 0.5)
ANSWERS, CLUSTERS = (4, 16), (30, 200)
SPREADS = {"none": math.inf, "wide": 1.0}
"""a + b of the beta distribution: infinite, all problems are alike; near 0, solved or not."""

Row = dict[str, object]


def lab_rule(right: int, n: int) -> Estimate:
    """The lab's interval of a share of yes or no."""
    return share_of([1.0] * right + [0.0] * (n - right))


YES_NO: dict[str, Callable[[int, int], Estimate]] = {
    "Wilson": proportion,
    "Clopper-Pearson": exact_share,
    "lab": lab_rule,
}
MEANS: dict[str, Callable[[list[float]], Estimate]] = {
    "t": partial(mean_interval, bounds=(0.0, 1.0)),
    "percentile": partial(bootstrap_mean, kind="percentile"),
    "BCa": bootstrap_mean,
    "lab": share_of,
}


def holds(found: Estimate, p: float) -> bool:
    """Whether the truth lies in the interval; without one it does not."""
    return found.low is not None and found.high is not None and found.low <= p <= found.high


def width(found: Estimate) -> float:
    """Length of the interval; 0 without one."""
    return 0.0 if found.low is None or found.high is None else found.high - found.low


def probability(right: int, n: int, p: float) -> float:
    """The binomial chance of so many right answers."""
    return math.comb(n, right) * p**right * (1 - p) ** (n - right)


def yes_no() -> Iterator[Row]:
    """Coverage of one answer a problem, exactly, and Wilson's simulated."""
    draw = np.random.default_rng(SEED)
    for n in SIZES:
        for name, interval in YES_NO.items():
            every = [interval(right, n) for right in range(n + 1)]
            for p in CHANCES:
                chance = [probability(right, n, p) for right in range(n + 1)]
                pairs = list(zip(chance, every, strict=True))
                exact = sum(one for one, found in pairs if holds(found, p))
                wide = sum(one * width(found) for one, found in pairs)
                row: Row = {"answers": 1, "problems": n, "p": p, "spread": "", "interval": name}
                row |= {"coverage": exact, "exact": exact, "width": wide}
                if name == "Wilson":
                    drawn = draw.binomial(n, p, DRAWS)
                    share = float(np.mean([holds(every[right], p) for right in drawn]))
                    row |= {"coverage": share, "error": math.sqrt(exact * (1 - exact) / DRAWS)}
                yield row


def several() -> Iterator[Row]:
    """Coverage of the mean of several answers a problem, simulated."""
    draw = np.random.default_rng(SEED + 1)
    for n, answers, (spread, total), p in (
        (n, answers, spread, p)
        for n in CLUSTERS
        for answers in ANSWERS
        for spread in SPREADS.items()
        for p in (0.5, 0.05)
    ):
        found: dict[str, list[Estimate]] = {name: [] for name in MEANS}
        for _ in range(RUNS):
            alike = np.full(n, p)
            chance = alike if math.isinf(total) else draw.beta(p * total, (1 - p) * total, n)
            values = (draw.binomial(answers, chance) / answers).tolist()
            for name, interval in MEANS.items():
                found[name].append(interval(values))
        for name, every in found.items():
            share = float(np.mean([holds(one, p) for one in every]))
            row: Row = {"answers": answers, "problems": n, "p": p, "spread": spread}
            row |= {"interval": name, "coverage": share, "width": np.mean([*map(width, every)])}
            row |= {"error": math.sqrt(share * (1 - share) / RUNS)}
            yield row


def tables(rows: list[Row]) -> Iterator[str]:
    """The rows as the page shows them: a line a case, a column an interval."""
    for several_answers, names in ((False, YES_NO), (True, MEANS)):
        chosen = [row for row in rows if (row["answers"] != 1) is several_answers]
        cases: dict[tuple[object, ...], dict[object, Row]] = {}
        for row in chosen:
            case = tuple(row[key] for key in ("problems", "answers", "spread", "p"))
            cases.setdefault(case, {})[row["interval"]] = row
        simulated = [] if several_answers else ["Wilson simulated"]
        head = ["problems", "answers", "spread", "p", *names, *simulated]
        yield "| " + " | ".join(head) + " |"
        yield "|---" * len(head) + "|"
        for case, found in cases.items():
            key = "coverage" if several_answers else "exact"
            cells = [f"{100 * float(str(found[name][key])):.1f}" for name in names]
            if simulated:
                one = found["Wilson"]
                share, error = (100 * float(str(one[key])) for key in ("coverage", "error"))
                cells.append(f"{share:.1f} ± {error:.1f}")
            yield "| " + " | ".join([*map(str, case), *cells]) + " |"
        yield ""


def main() -> int:
    """Simulate, write the CSV, print the tables."""
    rows = [*yes_no(), *several()]
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEAD, restval="", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            numbers = {k: f"{v:.4f}" for k, v in row.items() if isinstance(v, float) and k != "p"}
            writer.writerow({**row, **numbers})
    sys.stdout.write("\n".join(tables(rows)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
