"""The rounds as a table in the terminal, and as `rounds.csv`."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.atomic import write_text
from reasoning_lab.report.rounds.round import PASS, Round, best_of
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import duration, number, path, plain, points, share
from reasoning_lab.statistics.interval import Estimate

CSV, PAGE = "rounds.csv", "report.html"
LEGEND = (
    "95 % intervals in brackets; differences in points, paired by problem; over the best: against "
    "the best round before, in the way that decides; * is the best of all; distance: how far the "
    "weights are from the base's, over the base's length; –: not known, or not told by its run"
)


def write_csv(place: Path, rounds: Sequence[Round]) -> Path:
    """Write `rounds.csv`, a row a round; gives its path."""
    lines = [_row(one) for one in rounds]
    columns = list(dict.fromkeys(key for line in lines for key in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_text(place / CSV, text.getvalue())
    return place / CSV


def show(rounds: Sequence[Round], place: Path, console: Console) -> None:
    """Print the table, and where its CSV and page lie."""
    console.print(fitting(_table(rounds), console, frame=0))
    console.print(LEGEND, style="dim", highlight=False)
    for label, name in (("rows", CSV), ("page", PAGE)):
        console.print(Text(f"{label}: {path(place / name)}"), soft_wrap=True)


def by_seed(rounds: Sequence[Round]) -> dict[int, list[Round]]:
    """The rounds of each seed, in their order."""
    found: dict[int, list[Round]] = {}
    for one in rounds:
        found.setdefault(one.seed, []).append(one)
    return found


def figure(value: Estimate | None) -> str:
    """A logged figure; a dash where its step has none of that name."""
    if value is None:
        return "–"
    if value.low is None:
        return plain(value.value)
    return share(value) if 0 <= value.value <= 1 else number(value)


def _table(rounds: Sequence[Round]) -> Table:
    seeds = by_seed(rounds)
    ways = list(dict.fromkeys(way for one in rounds for way in one.scores))
    logged = list(dict.fromkeys(name for one in rounds for name in one.logged))
    grid = Table(header_style="bold", box=box.SIMPLE)
    for heading in [*["seed"] * (len(seeds) > 1), "round", *(f"{way} {PASS}" for way in ways)]:
        grid.add_column(heading)
    for heading in [*(f"{way} over the base" for way in ways), "over the best", "verdict"]:
        grid.add_column(heading)
    for heading in (*logged, "distance", "took"):
        grid.add_column(heading)
    for seed, mine in seeds.items():
        best = best_of(mine)
        for one in mine:
            cells = [*[str(seed)] * (len(seeds) > 1), f"{one.number}{'*' * (one is best)}"]
            cells += [_broken(share(one.scores[way])) if way in one.scores else "" for way in ways]
            cells += [_broken(_difference(one.over_base, way)) for way in ways]
            cells += [_broken(_difference(one.over_best, one.way)), one.verdict]
            cells += [_broken(figure(one.logged[name])) for name in logged]
            cells += ["–" if one.distance is None else f"{one.distance:.3f}"]
            grid.add_row(*(Text(clean(cell)) for cell in [*cells, duration(one.seconds)]))
    return grid


def _difference(found: Mapping[str, Estimate], way: str) -> str:
    return points(found[way]) if way in found else ""


def _broken(cell: str) -> str:
    """A figure, its interval in a line of its own."""
    return cell.replace(" [", "\n[")


def _row(one: Round) -> dict[str, object]:
    row: dict[str, object] = {"seed": one.seed, "round": one.number, "run": one.run}
    row |= {"built_on": one.built_on, "best_before": one.best_before, "verdict": one.verdict}
    for prefix, found in (
        ("", one.scores),
        ("over_base/", one.over_base),
        ("over_best/", one.over_best),
    ):
        for way, value in found.items():
            row |= dict(_cells(f"{prefix}{way}/{PASS}", value))
    for name, logged in one.logged.items():
        row |= dict(_cells(name, logged))
    return {**row, "distance": one.distance, "seconds": one.seconds, "folder": one.folder}


def _cells(name: str, value: Estimate | None) -> Iterator[tuple[str, object]]:
    yield name, None if value is None else value.value
    for end in ("low", "high", "n"):
        yield f"{name}/{end}", None if value is None else getattr(value, end)
