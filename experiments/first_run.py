"""Table and curves of the first run over several seeds.

`make bench` makes the runs (seeds 0, 1 and 2). Then, with the folder of that sweep,
`python experiments/first_run.py multirun/grpo/DATE-HASH` prints the table of the page and writes
its CSV and its picture.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from rich.console import Console

from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.statistics.interval import Estimate

HERE = Path(__file__).parent
COLUMNS = (
    "before/greedy/pass@1",
    "after/greedy/pass@1",
    "gain/greedy/pass@1",
    "before/sampled/pass@1",
    "after/sampled/pass@1",
    "gain/sampled/pass@1",
    "before/sampled/thinking",
    "after/sampled/thinking",
)


def jobs(sweep: Path) -> Iterator[tuple[RunFolder, Manifest]]:
    """The finished runs of a sweep, in order."""
    for path in sorted(sweep.glob("[0-9]*/manifest.json"), key=lambda path: int(path.parent.name)):
        folder = RunFolder(path.parent)
        yield folder, read(folder)


def cell(estimate: Estimate, *, signed: bool) -> str:
    """`+57.2 [+52.8, +61.6]`, in percent or points."""
    form = "{:+.1f}" if signed else "{:.1f}"
    numbers = [estimate.value, estimate.low, estimate.high]
    value, low, high = (form.format(100 * x) if x is not None else "?" for x in numbers)
    return f"{value} [{low}, {high}]"


def table(found: list[tuple[RunFolder, Manifest]]) -> list[str]:
    """Markdown rows, one a seed."""
    head = ["seed", *COLUMNS, "seconds", "peak MiB"]
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for _, manifest in found:
        cells = [cell(manifest.metrics[c], signed=c.startswith("gain")) for c in COLUMNS]
        cost = [f"{manifest.seconds:.0f}", f"{manifest.peak_memory_mb:.0f}"]
        rows.append("| " + " | ".join([str(manifest.seeds["seed"]), *cells, *cost]) + " |")
    return rows


def write_csv(found: list[tuple[RunFolder, Manifest]], path: Path) -> None:
    """Every metric of every run with its interval and n."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["seed", "metric", "value", "low", "high", "n"])
        for _, manifest in found:
            for name, e in manifest.metrics.items():
                writer.writerow([manifest.seeds["seed"], name, e.value, e.low, e.high, e.n])


def draw(found: list[tuple[RunFolder, Manifest]], path: Path) -> None:
    """Held-out greedy pass@1, training accuracy and thinking over the steps, a line a seed."""
    keys = {
        "held-out greedy pass@1": "heldout/greedy/pass@1",
        "accuracy while training": "train/rewards/accuracy/mean",
        "share that thinks": "train/rewards/share_thinking",
    }
    figure, axes = pyplot.subplots(1, len(keys), figsize=(11, 3.2), sharey=True)
    for axis, (title, key) in zip(axes, keys.items(), strict=True):
        for folder, manifest in found:
            rows = [row for row in read_metrics(folder.metrics) if key in row.values]
            steps, values = [row.step for row in rows], [100 * row.values[key] for row in rows]
            axis.plot(steps, values, label=f"seed {manifest.seeds['seed']}", linewidth=1.5)
        axis.set(title=title, xlabel="step", ylim=(0, 103))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("percent")
    axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Write the CSV and the picture beside this file, print the table and where it came from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sweep", type=Path, help="folder of the sweep")
    found = list(jobs(parser.parse_args().sweep))
    write_csv(found, HERE / "first_run.csv")
    draw(found, HERE / "first_run.png")
    console = Console(width=400)
    for line in table(found):
        console.print(line, highlight=False, markup=False)
    first = found[0][1]
    revision = first.git.revision[:12] if first.git else "unknown"
    machine = f"{first.hardware['cores']} cores of {first.hardware['processor']}"
    console.print(json.dumps({"date": first.finished[:10], "commit": revision, "on": machine}))


if __name__ == "__main__":
    main()
