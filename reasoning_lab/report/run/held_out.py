"""The results of a verb that measures: before and after on held-out problems, and completions."""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.answer import read_problems
from reasoning_lab.records.rollout import newest_rollouts
from reasoning_lab.report.run import chosen
from reasoning_lab.report.run.results import Row, legend, rows
from reasoning_lab.report.text.clean import clean, one_line, shown
from reasoning_lab.report.text.completion import indented
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import counted
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run

WIDE = 130  # columns that the widest table of results needs
VERDICT_STYLE = {"better": "bold green", "worse": "bold red", "not distinguishable": "yellow"}
SHOWN = 3  # completions, a pair counted as two


def result(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> list[RenderableType]:
    """What was measured, and a few completions."""
    parts: list[RenderableType] = []
    measured = rows(manifest)
    if measured:
        table = _results(measured, narrow=console.width < WIDE)
        parts += [fitting(table, console), _footnote(measured)]
    for sample in _samples(folder):
        parts += ["", _sample(sample)]
    return parts


def _results(measured: list[Row], *, narrow: bool) -> Table:
    """The table of results; `narrow` puts each interval under its value."""
    end = "\n[" if narrow else " ["
    trained = any(row.before is not None for row in measured)
    compared = any(row.gain is not None for row in measured)
    judged = compared or any(row.is_limited for row in measured)
    known = any(row.cut_off or row.empty for row in measured)
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("held out")
    if trained:
        table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after" if trained else "measured", justify="right", no_wrap=True)
    if compared:
        table.add_column("difference", justify="right", no_wrap=True)
    if judged:
        table.add_column("verdict")
    beside = ("cut off\nempty",) if narrow else ("cut off", "empty")
    for heading in beside if known else ():
        table.add_column(heading, justify="right", no_wrap=True)
    for row in measured:
        cells = [Text(clean(row.label))]
        if trained:
            cells.append(Text(row.show(row.before).replace(" [", end)))
        cells.append(Text(row.show(row.after).replace(" [", end)))
        if compared:
            cells.append(Text(row.difference.replace(" [", end)))
        if judged:
            style = "yellow" if row.is_limited else VERDICT_STYLE.get(row.verdict, "")
            cells.append(Text(row.verdict_line, style))
        if known:
            said = [row.show_beside(one) for one in (row.cut_off, row.empty)]
            cells += [Text(one) for one in (["\n".join(said).strip()] if narrow else said)]
        table.add_row(*cells)
    return table


def _footnote(measured: list[Row]) -> Text:
    sizes = {row.after.n for row in measured if row.after is not None and row.after.n is not None}
    # Problems that could not be judged count in some rows and not in others.
    span = f"{min(sizes):,} to " if len(sizes) > 1 else ""
    said = [span + counted(max(sizes), "problem")] if sizes else []
    said.append("95 % intervals in brackets")
    if any(row.cut_off or row.empty for row in measured):
        said.append("beside a score: completions cut off at the limit, and with nothing said")
    if any(row.gain is not None for row in measured):
        said.append("differences in points, paired by problem")
    return Text("; ".join([*said, *legend(measured)]), style="dim")


def _samples(folder: RunFolder) -> list[chosen.Shown]:
    problems = read_problems(folder.problems)
    change = chosen.moved(problems)
    pair = [] if change is None else chosen.before_and_after(change)
    others = chosen.from_training(list(newest_rollouts(folder.samples)), 1 if pair else SHOWN - 1)
    others = others or chosen.from_problems(
        problems, SHOWN - len(pair), but=None if change is None else change.problem
    )
    return [*pair, *others]


def _sample(sample: chosen.Shown) -> Group:
    head = Text(one_line(sample.head), style="green" if sample.right else "red")
    head.append(Text(f" · {one_line(chosen.parts_line(sample))}", style="default"))
    lines: list[RenderableType] = [head]
    if sample.question:
        asked = Text(f"asked: {one_line(sample.question, characters=200)}", style="dim")
        lines.append(asked.append(f"  (answer: {one_line(sample.gold, characters=40)})"))
    lines.append(indented(shown(sample.text)))
    return Group(*lines)
