"""What `stage=replay` shows in the terminal."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.lines import json_lines
from reasoning_lab.records.rollout import UNJUDGED, Rollout, rollout_of
from reasoning_lab.report.run import lines
from reasoning_lab.report.run.lines import Lines
from reasoning_lab.report.text.clean import one_line
from reasoning_lab.report.text.completion import completion, figure, signed
from reasoning_lab.report.text.completion import parts as listed
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.reward_changes import changes
from reasoning_lab.report.text.words import counted, plain, points, share, with_interval
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import Estimate, distinguishable

SHOWN = 3
LEGEND = (
    "95 % intervals over groups in brackets, differences group by group; push: whether a "
    "completion is made likelier or less likely; rank agreement of advantages: Spearman's"
)
PUSHES = {"reversed": "push turned round", "lost": "push lost", "gained": "push gained"}
WIDE = 108  # columns that the table needs with its intervals beside the values


PLAN: tuple[Lines, ...] = (lines.stored, lines.reward, lines.results)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> list[RenderableType]:
    """Before and after side by side, what became of the advantages, the most changed."""
    count = {name: manifest.metrics[name].value for name in ("completions", "groups", "steps")}
    found: list[RenderableType] = [
        Text(", ".join(counted(round(value), name[:-1]) for name, value in count.items())),
        Text(f"reward: {one_line(_change(run, manifest), characters=400)}"),
        "",
        fitting(_compared(run, manifest, narrow=console.width < WIDE), console),
        Text(LEGEND, style="dim"),
    ]
    changed = list(_changed(folder.path / manifest.artifacts["changed"]))
    if changed:
        found += ["", Text("changed most", style="bold")]
    for one, before in changed:
        found += [_then_and_now(one, before), ""]
    return found[:-1] if changed else found


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """The figures by which jobs of a sweep are told apart, under their headings."""
    metrics = manifest.metrics
    agreement = metrics.get("advantage/agreement")
    return {
        "mean total": amount(metrics["after/total"]),
        "groups without signal": share(metrics["after/without_signal"]),
        "rank agreement": figure(agreement.value if agreement else None),
        "push turned round": share(metrics["advantage/reversed"]),
    }


def amount(estimate: Estimate) -> str:
    """A mean reward with its interval: `0.912 [0.901, 0.923]`, or `0.000 constant`."""
    return with_interval(estimate, _digits)


def _digits(value: float) -> str:
    return f"{value:z.3f}" if abs(value) < 10 else plain(value)


def _difference(estimate: Estimate) -> str:
    return with_interval(estimate, "{:+z.3f}".format)


def _compared(run: Run, manifest: Manifest, *, narrow: bool) -> Table:
    end = "\n[" if narrow else " ["
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("")
    for heading in ("as trained", "replayed", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, label in _rows(run, manifest):
        is_share = name == "without_signal" or name.startswith("verdict/")
        show, differ = (share, points) if is_share else (amount, _difference)
        before, after, gain = (
            manifest.metrics.get(f"{when}/{name}") for when in ("before", "after", "gain")
        )
        cells = [
            "–" if before is None else show(before),
            "–" if after is None else show(after),
            "" if gain is None else differ(gain),
        ]
        if gain is not None and gain.unmoved:
            cells[2] = "unchanged"
        style = "" if gain is None or distinguishable(gain) else "dim"
        texts = [cell.replace(" [", end) for cell in cells]
        table.add_row(Text(one_line(label)), *map(Text, texts[:2]), Text(texts[2], style))
    agreement = manifest.metrics.get("advantage/agreement")
    if agreement is not None:
        table.add_row("rank agreement", "", f"{agreement.value:.3f}")
    for kind, label in PUSHES.items():
        said = share(manifest.metrics[f"advantage/{kind}"])
        table.add_row(label, "", Text(said.replace(" [", end)))
    return table


def _rows(run: Run, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Names of figures and their labels: total, silent groups, terms, verdicts."""
    yield "total", "mean total"
    yield "without_signal", "groups without signal"
    names = [name.partition("/")[2] for name in manifest.metrics if "/" in name]
    terms = [name.partition("/")[2] for name in names if name.startswith("term/")]
    # A term that applies to no completion has no figure; its dashes say so.
    for term in dict.fromkeys([*terms, *run.reward.terms]):
        setting = run.reward.terms.get(term)
        said = f"weight {setting.weight:g}" if setting else "left out"
        yield f"term/{term}", f"{term}, {said}"
    for name in dict.fromkeys(names):
        if name.startswith("verdict/"):
            yield name, name.replace("/", " ", 1)


def _change(run: Run, manifest: Manifest) -> str:
    before = json.loads((Path(manifest.parents[0].path) / "run.json").read_bytes())
    return changes(before["reward"], run.reward)


def _changed(path: Path) -> Iterator[tuple[Rollout, dict[str, Any]]]:
    for where, _, row in islice(json_lines(path), SHOWN):
        yield rollout_of(where, row), row["before"]


def _then_and_now(one: Rollout, before: dict[str, Any]) -> Group:
    """The completion as it would be paid, and under it how it was."""
    then = before["verdict"] or UNJUDGED
    verdict = "" if then == (one.verdict or UNJUDGED) else f" · {one_line(then)}"
    was = f"before {figure(before['total'])} ({listed(before['parts'])})"
    was += f" · advantage {signed(before['advantage'])}{verdict}"
    return Group(completion(one, lines=10), Text(was, style="dim"))
