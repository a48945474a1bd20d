"""The end of `stage=score`: rates with their intervals, verdicts, speed, and what was broken."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import cast

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.run import lines
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.text.clean import clean, one_line
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import count, counted, path, plain
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.runs.outside import scored_file
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.score import Score
from reasoning_lab.statistics.interval import Estimate

TOTAL, PART, VERDICT, LINES = "score/total", "score/part/", "verdict/", "lines/"
RATE = "_rate"
SHOWN = 5  # broken lines


def reads(planned: Planned) -> Iterator[Labelled]:
    """The file with the completions."""
    yield "reads", str(cast(Score, planned.run.stage).path)


PLAN: tuple[Lines, ...] = (reads, lines.reward, lines.results)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> list[RenderableType]:
    """What was scored, how it came out, how fast, and the first of the broken lines."""
    metrics = manifest.metrics
    lines, broken = (int(metrics[f"{LINES}{name}"].value) for name in ("scored", "broken"))
    out = path(scored_file(cast(Score, run.stage), folder))
    many = counted(lines + broken, "line")
    shown: list[RenderableType] = [
        Text(clean(f"{lines:,} of {many} scored, in {out}"), overflow="fold"),
        fitting(_rates(metrics), console),
        Text(_footnote(metrics), style="dim"),
        Text(_speed(metrics)),
    ]
    if broken:
        said = f"{counted(broken, 'broken line')}, passed over"
        said += f"; the first {SHOWN}:" if broken > SHOWN else ":"
        shown.append(Text(said, style="yellow"))
        shown += [Text(f"  {line}", overflow="fold") for line in _broken(folder, manifest)]
    return shown


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """The figures of one job of a sweep: total, parts, share of correct answers, broken lines."""
    metrics, found = manifest.metrics, {}
    for name, estimate in _ordered(metrics):
        if not name.startswith(VERDICT) or name == f"{VERDICT}correct":
            value, interval = _figures(estimate, share=name.startswith(VERDICT))
            label = name.removeprefix(VERDICT).removeprefix("score/").removeprefix("part/")
            narrow = name.startswith(PART) or interval in ("none", "constant")
            found[label] = value if narrow else f"{value} {interval}"
    found["lines"] = f"{metrics[f'{LINES}scored'].value:,.0f}"
    found["broken"] = f"{metrics[f'{LINES}broken'].value:,.0f}"
    return found


def _rates(metrics: dict[str, Estimate]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for heading in ("lines", "rate or mean", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, estimate in _ordered(metrics):
        verdict = name.startswith(VERDICT)
        label = name.removeprefix(VERDICT) if verdict else name.removeprefix("score/")
        label = f"verdict {label}" if verdict else label.removeprefix("part/")
        lines = metrics.get(f"{LINES}{name.removeprefix(VERDICT)}") if verdict else None
        number = f"{lines.value:,.0f}" if lines else "0" if verdict else ""
        table.add_row(Text(one_line(label)), number, *_figures(estimate, share=verdict))
    for name, estimate in _seen(metrics):
        label = name.removesuffix(RATE).replace("/", " ").replace("_", " ")
        number = f"{metrics[f'{LINES}{name}'].value:,.0f}"
        table.add_row(Text(one_line(label)), number, *_figures(estimate, share=True))
    return table


def _seen(metrics: dict[str, Estimate]) -> list[tuple[str, Estimate]]:
    """What terms saw in some lines, as `code/timeout_rate`: the most frequent first."""
    found = [
        (name, value)
        for name, value in metrics.items()
        if name.endswith(RATE) and f"{LINES}{name}" in metrics and value.value > 0
    ]
    return sorted(found, key=lambda one: -metrics[f"{LINES}{one[0]}"].value)


def _ordered(metrics: dict[str, Estimate]) -> Iterator[tuple[str, Estimate]]:
    """The total, its parts, the verdicts (`correct` and `wrong` always, others where there are)."""
    for prefix in (TOTAL, PART):
        yield from ((name, value) for name, value in metrics.items() if name.startswith(prefix))
    always = (f"{VERDICT}correct", f"{VERDICT}wrong")
    for name, value in metrics.items():
        if name in always or (name.startswith(VERDICT) and value.value > 0):
            yield name, value


def _figures(estimate: Estimate, *, share: bool) -> tuple[str, str]:
    """The value and its interval; shares in per cent, rewards as they are."""
    factor, digits, unit = (100, 1, " %") if share else (1, 3, "")
    value = f"{factor * estimate.value:,.{digits}f}{unit}"
    if estimate.low is None or estimate.high is None:
        return value, "constant" if estimate.is_constant else "none"
    low, high = factor * estimate.low, factor * estimate.high
    return value, f"[{low:,.{digits}f}, {high:,.{digits}f}]"


def _footnote(metrics: dict[str, Estimate]) -> str:
    """What the intervals are over."""
    groups = max((value.n or 0 for name, value in metrics.items() if name.startswith("score/")))
    lines = int(metrics[f"{LINES}scored"].value)
    if groups == lines:
        return "intervals over lines, each taken as a problem of its own"
    return (
        f"intervals over {counted(groups, 'problem')}: neighbouring lines of one "
        "prompt and answer are answers to one problem"
    )


def _speed(metrics: dict[str, Estimate]) -> str:
    rate = metrics["perf/lines_per_second"].value
    middle, slow, most = (plain(metrics[f"perf/ms/{name}"].value) for name in ("p50", "p99", "max"))
    said = count(rate) if rate >= 10 else plain(rate)
    return f"{said} lines/s · a line takes {middle} ms (p50), {slow} ms (p99), {most} ms (max)"


def _broken(folder: RunFolder, manifest: Manifest) -> Iterator[str]:
    with (folder.path / manifest.artifacts["broken"]).open("rb") as file:
        for line in islice(file, SHOWN):
            one = json.loads(line)
            yield f"line {one['line']:,}: {one_line(one['reason'], characters=200)}"
