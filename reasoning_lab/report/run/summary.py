"""The end of a run on the console: what was learned, how sure that is, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.answer import read_problems
from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.records.rollout import newest_rollouts
from reasoning_lab.report.run import chosen, tool_summary
from reasoning_lab.report.run.next_steps import next_steps, print_steps, sync
from reasoning_lab.report.run.results import Row, legend, performance, rows
from reasoning_lab.report.run.warnings import remarks, warnings
from reasoning_lab.report.text.clean import clean, one_line, shown
from reasoning_lab.report.text.completion import indented
from reasoning_lab.report.text.words import brief, count, duration, path, titled
from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.verb import Measuring

WIDE = 112  # columns that the widest table of results needs
VERDICT_STYLE = {"better": "bold green", "worse": "bold red", "not distinguishable": "yellow"}
SHOWN = 3  # completions, a pair counted as two


def show(run: Run, folder: RunFolder, manifest: Manifest, console: Console) -> None:
    """Print the summary of a finished run."""
    if not isinstance(run.stage, Measuring):
        tool_summary.show(run, folder, manifest, console)
        return
    parts: list[RenderableType] = []
    measured = rows(manifest)
    if measured:
        parts += [_results(measured, narrow=console.width < WIDE), _footnote(measured)]
    for sample in _samples(folder):
        parts += ["", _sample(sample)]
    parts += ["", _facts(run, folder, manifest)]
    title = Text(f"result: {titled(manifest.stage, manifest.name)}")
    console.print(Panel(Group(*parts), title=title, title_align="left", expand=False))
    _next(run, folder, manifest, console)


def _results(measured: list[Row], *, narrow: bool) -> Table:
    """The table of results; `narrow` puts each interval under its value."""
    end = "\n[" if narrow else " ["
    trained = any(row.before is not None for row in measured)
    compared = any(row.gain is not None for row in measured)
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("held out")
    if trained:
        table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after" if trained else "measured", justify="right", no_wrap=True)
    if compared:
        table.add_column("difference", justify="right", no_wrap=True)
        table.add_column("verdict")
    for row in measured:
        cells = [Text(clean(row.label))]
        if trained:
            cells.append(Text(row.show(row.before).replace(" [", end)))
        cells.append(Text(row.show(row.after).replace(" [", end)))
        if compared:
            cells.append(Text(row.difference.replace(" [", end)))
            cells.append(Text(row.verdict, VERDICT_STYLE.get(row.verdict, "")))
        table.add_row(*cells)
    return table


def _footnote(measured: list[Row]) -> Text:
    sizes = {row.after.n for row in measured if row.after is not None and row.after.n is not None}
    said = [f"{max(sizes):,} problems"] if sizes else []
    said.append("95 % intervals in brackets")
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


def _facts(run: Run, folder: RunFolder, manifest: Manifest) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in _fact_rows(folder, manifest):
        table.add_row(label, Text(clean(text)))
    for sentence in remarks(manifest):
        table.add_row("note", Text(clean(sentence)))
    for sentence in warnings(run, manifest, read_metrics(folder.metrics)):
        table.add_row(Text("warning", style="yellow"), Text(clean(sentence), style="yellow"))
    return table


def _fact_rows(folder: RunFolder, manifest: Manifest) -> Iterator[tuple[str, str]]:
    speed = performance(manifest, "tokens_per_second")
    memory = f"{manifest.peak_memory_mb / 1024:.2f} GiB of memory at most"
    tokens = f" · {count(speed)} tokens/s" if speed else ""
    yield "took", f"{duration(manifest.seconds)} · {memory}{tokens}"
    for note in manifest.notes:
        yield "note", one_line(brief(note), characters=400)
    yield "results", path(folder.path)
    # The tracker's own folder is named by the command that sends it.
    places = [place for name, place in manifest.artifacts.items() if name != "wandb"]
    report = [folder.report.name] if folder.report.exists() else []
    yield "", ", ".join(one_line(one) for one in [*report, *places, folder.manifest.name])


def _next(run: Run, folder: RunFolder, manifest: Manifest, console: Console) -> None:
    """In a sweep the commands stand once, below its table."""
    if not (folder.path.parent / SWEEP).is_file():
        print_steps([*next_steps(run, manifest), *sync(folder, manifest)], console)
