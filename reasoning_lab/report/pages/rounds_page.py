"""The page of a pipeline with rounds: what each one gained, signs of collapse, and its runs.

Self-contained like every page of the lab: no script and nothing loaded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reasoning_lab.records.atomic import write_text
from reasoning_lab.report.pages.curves import SERIES_COLOURS
from reasoning_lab.report.pages.page import drawn_panels
from reasoning_lab.report.pages.panels import Panel, Series
from reasoning_lab.report.pages.template import template
from reasoning_lab.report.rounds.outcome import outcome
from reasoning_lab.report.rounds.round import PASS, Round, best_of
from reasoning_lab.report.rounds.table import LEGEND, PAGE, by_seed, figure
from reasoning_lab.report.text.words import duration, points, share
from reasoning_lab.schema.pipeline import Pipeline
from reasoning_lab.statistics.interval import Estimate, exactly


def write(
    place: Path, pipeline: Pipeline, rounds: Sequence[Round], steps: Sequence[Mapping[str, Any]]
) -> Path:
    """Write `report.html` into the pipeline's folder; gives its path.

    `steps` are those of `pipeline.json`.
    """
    write_text(place / PAGE, render(place, pipeline, rounds, steps))
    return place / PAGE


def render(
    place: Path, pipeline: Pipeline, rounds: Sequence[Round], steps: Sequence[Mapping[str, Any]]
) -> str:
    """The page's HTML."""
    ways = list(dict.fromkeys(way for one in rounds for way in one.scores))
    most = pipeline.rounds.most if pipeline.rounds else 0
    filters = {"share": share, "points": points, "duration": duration}
    return template("rounds.html", characters=3000, lines=60, **filters).render(
        name=pipeline.name,
        place=place.name,
        seeds=by_seed(rounds),
        best={seed: best_of(mine).number for seed, mine in by_seed(rounds).items()},
        sentences=[outcome(seed, mine, most) for seed, mine in by_seed(rounds).items()],
        ways=ways,
        logged=list(dict.fromkeys(name for one in rounds for name in one.logged)),
        figure=figure,
        drawings=drawn_panels([one for one in _panels(rounds, ways) if one.series]),
        steps=steps,
        legend=LEGEND,
    )


def _panels(rounds: Sequence[Round], ways: Sequence[str]) -> Iterator[Panel]:
    """Scores, logged figures and distances over the rounds, a curve a seed."""
    for way in ways:
        yield _panel(rounds, f"{way} {PASS}", partial(_score, way), shares=True)
    for name in dict.fromkeys(name for one in rounds for name in one.logged):
        values = [found.value for one in rounds if (found := one.logged[name]) is not None]
        shares = all(0 <= value <= 1 for value in values)
        yield _panel(rounds, name, partial(_logged, name), shares=shares)
    yield _panel(rounds, "distance to the base", _distance, shares=False)


def _score(way: str, one: Round) -> Estimate | None:
    return one.scores.get(way)


def _logged(name: str, one: Round) -> Estimate | None:
    return one.logged[name]


def _distance(one: Round) -> Estimate | None:
    return None if one.distance is None else exactly(one.distance)


def _panel(
    rounds: Sequence[Round], title: str, of: Callable[[Round], Estimate | None], *, shares: bool
) -> Panel:
    curves = []
    for seed, mine in by_seed(rounds).items():
        found = [(float(one.number), value) for one in mine if (value := of(one)) is not None]
        if found:
            steps, values = [step for step, _ in found], [one.value for _, one in found]
            ends = [_ends(one) for _, one in found]
            curves.append(Series(f"seed {seed}", steps, values, ends))
    return Panel(title, curves[:SERIES_COLOURS], shares, from_zero=not shares, along="round")


def _ends(one: Estimate) -> tuple[float, float]:
    return one.value if one.low is None else one.low, one.value if one.high is None else one.high
