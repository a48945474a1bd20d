"""What is told of `stage=compare`: each run's rates, each pair's verdict, what changed sides."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.answered import Reply
from reasoning_lab.records.changed import ChangedProblem, read_changed
from reasoning_lab.records.comparison import (
    ComparedRun,
    ComparedRuns,
    ComparedWay,
    RunPair,
    read_comparison,
)
from reasoning_lab.report.run import lines
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.text.clean import one_line, shown
from reasoning_lab.report.text.completion import indented
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import counted, number, path, plain, points, share
from reasoning_lab.runs.artifacts import resolve, split_content
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.compare import Compare
from reasoning_lab.statistics.interval import Estimate

STYLES = {
    "better": "bold green",
    "worse": "bold red",
    "not distinguishable": "yellow",
    "budget-limited": "magenta",
}
WIDE = 108  # columns that the tables need with their intervals beside the values
FAR = 1_000_000  # more problems than that are said to be too many
LEGEND = (
    "95 % intervals in brackets; differences in points, paired by problem; verdicts by p, of "
    "several pairs adjusted after Holm"
)
CUT_OFF_SAID = (
    "budget-limited: over 5 % of a run's completions were cut off, so the score says how long it "
    "may write; raise the limit (stage.evaluation.max_completion_length) and measure again"
)


def compared(planned: Planned) -> Iterator[Labelled]:
    """Each run or file, and where it lies."""
    settings = cast(Compare, planned.run.stage)
    kinds = ("model", "adapter", "report")
    for (label, value), side in zip(settings.named().items(), settings.sides(), strict=True):
        when = " (before its training)" if side == "before" else ""
        if not value.startswith(PREFIX):
            yield label, path(Path(value)) + when
            continue
        folder = path(resolve(value, kinds, Path(planned.run.output), part="answers").path)
        name = split_content(value)[0]
        place = "" if name == f"{PREFIX}{folder}" else f" = {folder}"
        yield label, f"{name}{when}{place}"


PLAN: tuple[Lines, ...] = (compared, lines.results)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> Iterator[RenderableType]:
    """The runs, warnings, the tables of each way, and a few problems that changed sides."""
    found = read_comparison(folder.path)
    changed = list(read_changed(folder.path))
    yield _runs(found)
    for sentence in cautions(found):
        yield Text(f"warning: {sentence}", style="yellow")
    for sentence in remarks_on(found):
        yield Text(sentence, style="dim")
    for way in found.ways:
        yield ""
        yield Text(heading(way), style="bold")
        yield fitting(_rates(way, narrow=console.width < WIDE), console)
        yield ""
        yield fitting(_pairs(way, narrow=console.width < WIDE), console)
        for sentence in needs(way):
            yield Text(sentence, style="dim")
    yield Text("; ".join([LEGEND, *legend(found)]), style="dim")
    for one in chosen_changes(changed, cast(Compare, run.stage).shown):
        yield ""
        yield _change(one, found)


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """The difference of each pair in each way, as a sweep's table shows it."""
    found = {}
    for name, estimate in manifest.metrics.items():
        way, mark, pair = name.rpartition("/difference/")
        if mark:
            found[f"{one_line(way)} {pair}"] = points(estimate)
    return found


def called(one: ComparedRun) -> str:
    """`grpo · 2026-03-01_10-00-00-0a1b2c3d/0`, or a file; with the side where it is before."""
    when = ", before training" if one.side == "before" else ""
    named = one.place if one.place.endswith(one.name) else f"{one.name} · {one.place}"
    return one_line(f"{named}{when}", characters=200)


def cautions(found: ComparedRuns) -> list[str]:
    """What makes a comparison doubtful."""
    if not found.settings_apart:
        return []
    parts = ", ".join(map(one_line, found.settings_apart))
    return [f"not measured with the same settings ({parts} differ): a difference may be theirs"]


def remarks_on(found: ComparedRuns) -> list[str]:
    """What a reader has to know of the runs besides."""
    said = [f"{counted(found.common, 'problem')} in common"]
    alone = [f"{one.alone:,} of {one.label}" for one in found.runs if one.alone]
    if alone:
        said.append(f"left out: {', '.join(alone)}, which not all runs have")
    if found.settings_unknown:
        said.append(f"settings not known: {', '.join(found.settings_unknown)}")
    ways = [f"{one_line(way)} ({', '.join(have)})" for way, have in found.left_out.items()]
    if ways:
        said.append(f"not compared: {', '.join(ways)}")
    return said


def heading(way: ComparedWay) -> str:
    """`greedy · 200 problems, 3 more were not judged`."""
    unjudged = f", {way.unjudged:,} more were not judged" if way.unjudged else ""
    return f"{one_line(way.name)} · {counted(way.problems, 'problem')}{unjudged}"


def needs(way: ComparedWay) -> list[str]:
    """How many more problems would tell the pairs apart that are not."""
    return [
        f"{pair.second} - {pair.first}: {more(pair.more)} would separate them (with 80 % power, if "
        "they differ as they do here)"
        for pair in way.pairs
        if pair.more is not None
    ]


def more(problems: int) -> str:
    """A number of problems as far as it is known: two digits.

    >>> more(1234), more(3_000_000)
    ('about 1,200 more problems', 'over a million more problems')
    """
    if problems > FAR:
        return "over a million more problems"
    return f"about {counted(int(float(f'{problems:.2g}')), 'more problem')}"


def legend(found: ComparedRuns) -> list[str]:
    """The footnotes that these figures need."""
    said = []
    verdicts = {pair.verdict for way in found.ways for pair in way.pairs}
    if "budget-limited" in verdicts:
        said.append(CUT_OFF_SAID)
    if any(None in (one.cut_off, one.tokens) for way in found.ways for one in way.runs):
        said.append("–: the log does not say")
    if len(found.runs) > 2:
        said.append("runs with a letter in common were not told apart")
    return said


def letters(sets: Sequence[int]) -> str:
    """The sets of runs that one belongs to, as letters: `A B`."""
    return " ".join(chr(ord("A") + place) for place in sets)


def p_value(p: float) -> str:
    """A probability as far as it matters.

    >>> p_value(0.04168), p_value(0.00056), p_value(3e-9), p_value(1.0)
    ('0.042', '0.0006', '< 0.0001', '1.000')
    """
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}" if p < 0.001 else f"{p:.3f}"


def moved(pair: RunPair) -> str:
    """`+32 −14` problems, or nothing where answers are not simply right or wrong."""
    if pair.gained is None or pair.lost is None:
        return ""
    return f"+{pair.gained:,} −{pair.lost:,}"


def chosen_changes(changed: Sequence[ChangedProblem], count: int) -> list[ChangedProblem]:
    """A few of the problems that changed sides: in turn of each way and direction, those first
    that changed most.
    """
    turns: Counter[tuple[str, tuple[str, ...]]] = Counter()
    placed = []
    for place, one in enumerate(changed):
        scores = {label: one.score(label) for label in one.replies}
        best = tuple(label for label, score in scores.items() if score == max(scores.values()))
        turns[one.way, best] += 1
        placed.append((turns[one.way, best], place))
    return [changed[place] for _, place in sorted(placed)[:count]]


def typical(one: ChangedProblem, label: str) -> Reply:
    """The first of a run's replies that is as right as most of them are."""
    right = one.score(label) > 0.5
    return next(reply for reply in one.replies[label] if ((reply.score or 0.0) > 0.5) == right)


def right_of(one: ChangedProblem, label: str) -> str:
    """`right`, `wrong`, or `3 of 8 right`."""
    replies = one.replies[label]
    if len(replies) == 1 and replies[0].score in (0, 1):
        return "right" if replies[0].score else "wrong"
    right = sum(reply.score or 0.0 for reply in replies)
    return f"{plain(right)} of {len(replies)} right"


def _runs(found: ComparedRuns) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for one in found.runs:
        table.add_row(one.label, f"{called(one)} · {counted(one.problems, 'problem')}")
    return table


def _rates(way: ComparedWay, *, narrow: bool) -> Table:
    end = "\n[" if narrow else " ["
    several = len(way.runs) > 2
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("run")
    for name in ("score", "cut off", "empty", "tokens", *(["alike"] if several else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for one in way.runs:
        cells = [share(one.score), _or_dash(one.cut_off), share(one.empty)]
        cells.append("–" if one.tokens is None else number(one.tokens))
        label = one.label if one.way == way.name else f"{one.label} ({one_line(one.way)})"
        row = [label, *(cell.replace(" [", end) for cell in cells)]
        table.add_row(*map(Text, [*row, *([letters(one.alike)] if several else [])]))
    return table


def _or_dash(estimate: Estimate | None) -> str:
    return "–" if estimate is None else share(estimate)


def _pairs(way: ComparedWay, *, narrow: bool) -> Table:
    end = "\n[" if narrow else " ["
    several = len(way.pairs) > 1
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("pair", no_wrap=True)
    for name in ("difference", "changed", "p", *(["adjusted"] if several else [])):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict")
    table.add_column("test")
    for pair in way.pairs:
        ps = [p_value(pair.p), *([p_value(pair.adjusted)] if several else [])]
        cells = [f"{pair.second} - {pair.first}", points(pair.difference).replace(" [", end)]
        texts = [Text(cell) for cell in (*cells, moved(pair), *ps)]
        table.add_row(*texts, Text(pair.verdict, STYLES[pair.verdict]), Text(pair.test, "dim"))
    return table


def _change(one: ChangedProblem, found: ComparedRuns) -> Group:
    head = Text(f"{one_line(one.way)} · {one_line(one.id)}", style="bold")
    asked = Text(f"asked: {one_line(one.question, characters=300)}", style="dim")
    asked.append(f"  (answer: {one_line(one.answer, characters=60)})")
    rows: list[RenderableType] = [head, asked]
    names = {run.label: run.name for run in found.runs}
    for label in one.replies:
        right = one.score(label) > 0.5
        said = f"{label} ({one_line(names[label])}) · {right_of(one, label)}"
        rows.append(Text(said, style="green" if right else "red"))
        rows.append(indented(shown(typical(one, label).text, characters=400, lines=8)))
    return Group(*rows)
