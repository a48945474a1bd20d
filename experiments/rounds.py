"""Table and picture of rounds, from the `rounds.csv` of a pipeline.

`python experiments/rounds.py multirun/NAME/HASH` prints the table of the page of that
pipeline, and writes its CSV (without the folders, which are of one machine) and its picture.
"""

import argparse
import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from rich.console import Console

HERE = Path(__file__).parent
WAYS = ("greedy", "sampled")
Row = dict[str, str]


def cell(row: Row, name: str, *, signed: bool = False) -> str:
    """`+18.2 [+13.9, +22.5]`, in percent or points; nothing where the round has none."""
    if not row[name]:
        return ""
    form = "{:+.1f}" if signed else "{:.1f}"
    value, low, high = (form.format(100 * float(row[f"{name}{end}"])) for end in ENDS)
    return f"{value} [{low}, {high}]"


ENDS = ("", "/low", "/high")


def table(rows: list[Row]) -> list[str]:
    """Markdown rows, one a round."""
    head = ["seed", "round", *WAYS, "over the base: greedy", "sampled", "over the best, sampled"]
    head += ["verdict", "yield", "distinct", "distance", "seconds"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [row["seed"], row["round"], *(cell(row, f"{way}/pass@1") for way in WAYS)]
        cells += [cell(row, f"over_base/{way}/pass@1", signed=True) for way in WAYS]
        cells += [cell(row, "over_best/sampled/pass@1", signed=True), row["verdict"]]
        cells += [cell(row, "yield")]
        for name, digits in (("distinct", 3), ("distance", 4), ("seconds", 0)):
            cells.append(f"{float(row[name]):.{digits}f}" if row[name] else "")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def draw(rows: list[Row], path: Path) -> None:
    """Greedy and sampled pass@1 over the rounds, a line a seed, with 95 % intervals."""
    figure, axes = pyplot.subplots(1, len(WAYS), figsize=(9, 3.2), sharey=True)
    for axis, way in zip(axes, WAYS, strict=True):
        for seed in dict.fromkeys(row["seed"] for row in rows):
            mine = [row for row in rows if row["seed"] == seed]
            values, lows, highs = (
                [100 * float(row[f"{way}/pass@1{end}"]) for row in mine] for end in ENDS
            )
            below = [value - low for value, low in zip(values, lows, strict=True)]
            above = [high - value for value, high in zip(values, highs, strict=True)]
            numbers = [int(row["round"]) for row in mine]
            axis.errorbar(
                numbers, values, [below, above], marker="o", capsize=3, label=f"seed {seed}"
            )
        axis.set(title=f"held-out {way} pass@1", xlabel="round", ylim=(0, None))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("percent")
    axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Write the CSV and the picture beside this file, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", type=Path, help="folder of the pipeline")
    folder = parser.parse_args().pipeline
    with (folder / "rounds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    name = folder.resolve().parent.name
    columns = [column for column in rows[0] if column != "folder"]
    with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    draw(rows, HERE / f"{name}.png")
    console = Console(width=400)
    for line in table(rows):
        console.print(line, highlight=False, markup=False)


if __name__ == "__main__":
    main()
