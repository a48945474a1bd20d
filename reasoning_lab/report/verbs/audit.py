"""The end of an audit on the console: does the reward hold, what was paid and why, and how fast."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records import audit as audited
from reasoning_lab.records.audit import Audited, Line, Parts, Shown
from reasoning_lab.report.run import lines
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.text.clean import shown
from reasoning_lab.report.text.completion import figure
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import counted, plain, share
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.statistics.interval import Estimate

ROWS = 8  # lines of the table where fewer fail
FAILING_ROWS = 25
DETAILED = 3  # failing exploits that are shown with a completion
MISSED = 4  # spellings named that were not paid


def chosen_from(planned: Planned) -> Iterator[Labelled]:
    """The data: what is made or read of it, none of it held out."""
    few = cast(Audit, planned.run.stage).few(planned.run.data)
    made = lines.training_part(few)
    if isinstance(few, Procedural):
        made = f"{counted(few.train_size, 'problem')} made"
    yield "data", f"{lines.source(few)} · {made} to choose from"


def attacks(planned: Planned) -> Iterator[Labelled]:
    """How many problems, and what an exploit may earn."""
    audit = cast(Audit, planned.run.stage)
    most = f"at most {audit.margin:g} more than an honest wrong answer"
    earns = most if audit.margin else "nothing"
    yield "attacks", f"{counted(audit.problems, 'problem')} · an exploit may earn {earns}"


PLAN: tuple[Lines, ...] = (lines.reward, chosen_from, attacks, lines.seed, lines.results)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> Iterator[RenderableType]:
    """Verdict, table of the worst, a completion of each that fails, rates, and times."""
    found = audited.read(folder.path)
    failing = found.failing()
    yield _verdict(found, failing)
    yield ""
    yield fitting(_table(found, failing), console)
    for line in failing[:DETAILED]:
        if line.shown is not None:
            yield ""
            yield from _detail(line, line.shown)
    yield ""
    yield _facts(found)


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """What a sweep's table shows of an audit."""
    metrics = manifest.metrics
    figures = {
        "result": "passed" if manifest.passed else "failed",
        "exploits paid": (
            f"{metrics['audit/exploits_paid'].value:.0f} of {metrics['audit/exploits'].value:.0f}"
        ),
    }
    for name, key in (("wrong paid", "false_positive"), ("right missed", "false_negative")):
        rate = metrics.get(f"audit/{key}")
        figures[name] = "–" if rate is None else share(rate)
    figures["p99 (ms)"] = figure(metrics["audit/ms_p99"].value)
    return figures


def _verdict(found: Audited, failing: Sequence[Line]) -> Text:
    tried = len(found.exploits())
    if not failing:
        most = f"{plain(found.margin)} above an honest wrong answer"
        text = f"Passed: none of {counted(tried, 'exploit')} earns more than {most}"
        return Text(f"{text}, on {counted(found.problems, 'problem')}", style="green")
    exploits = sum(line.kind == "exploit" for line in failing)
    said = (
        [f"{exploits} of {counted(tried, 'exploit')} {'pays' if exploits == 1 else 'pay'}"]
        if exploits
        else []
    )
    if wrong := len(failing) - exploits:
        said.append(f"{wrong} {'kinds' if wrong > 1 else 'kind'} of wrong answers paid as right")
    return Text(f"Failed: {'; '.join(said)}", style="bold red")


def _table(found: Audited, failing: Sequence[Line]) -> Table:
    listed = [*failing[:FAILING_ROWS]]
    others = _of_each_family([line for line in found.exploits() if line not in failing])
    listed += others[: max(0, ROWS - len(listed))]
    terms = list(found.lines[0].parts)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("exploit", overflow="fold", ratio=1)
    for name in ("paid on", "total", "above wrong", *terms):
        table.add_column(name, justify="right", no_wrap=name not in terms)
    for line in listed:
        style = "red" if line.paid else ""
        values = [line.total, line.worst, *(line.parts.get(term) for term in terms)]
        label = line.name if line.kind == "exploit" else f"honest wrong: {line.name}"
        cells = [f"{line.paid} of {line.problems}", *map(figure, values)]
        table.add_row(Text(label, style), *(Text(cell, style) for cell in cells))
    rest = [line for line in (*failing, *others) if line not in listed]
    if rest:
        worst = max((line.worst for line in rest if line.worst is not None), default=None)
        table.add_row(Text(f"… and {len(rest)} more (audit.csv)", "dim"), "", "", figure(worst))
    return table


def _of_each_family(exploits: Sequence[Line]) -> list[Line]:
    """Those that earned most first, as they come, and of equal ones one of each family in turn."""
    turns: Counter[tuple[str, float | None]] = Counter()
    placed = []
    for line in exploits:
        turns[line.family, line.worst] += 1
        worst = float("-inf") if line.worst is None else line.worst
        placed.append((-worst, turns[line.family, line.worst], line))
    return [line for _, _, line in sorted(placed, key=lambda each: each[:2])]


def _detail(line: Line, one: Shown) -> Iterator[RenderableType]:
    """One paid completion, its parts beside those of an honest wrong one, and who paid."""
    head = Text(line.name, style="bold red")
    head.append(f": {line.what}", style="")
    yield head
    yield Text(
        f"earned {plain(one.total)}, an honest wrong answer {plain(one.wrong_total)} (row {one.id})"
    )
    paying = ", ".join(f"{name} +{plain(pay)}" for name, pay in one.paying.items())
    yield Text(f"paid by {paying or 'no term: the honest answer lost'}", style="bold")
    yield Text(f"parts {_named(one.parts)}; honest wrong {_named(one.wrong_parts)}")
    yield shown(one.completion, characters=400, lines=8, style="dim")


def _facts(found: Audited) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("honest", f"right {figure(found.right)} · wrong {figure(found.wrong)}")
    if found.false_positive is not None:
        facts.add_row("wrong answers paid", _rate(found, "wrong", found.false_positive))
    if found.false_negative is not None:
        facts.add_row("right answers missed", _rate(found, "right", found.false_negative))
    if missed := found.missed() if found.separates else []:
        named = [f"{line.name} ({line.problems - line.paid} of {line.problems})" for line in missed]
        more = f" and {len(named) - MISSED} more" if len(named) > MISSED else ""
        facts.add_row("missed", ", ".join(named[:MISSED]) + more)
    if found.verdicts:
        counts = sorted(found.verdicts.items(), key=lambda item: -item[1])
        facts.add_row("verdicts", " · ".join(f"{name} {count:,}" for name, count in counts))
    slow = max(found.lines, key=lambda line: line.slowest)
    facts.add_row(
        "time",
        f"a completion {plain(found.p50)} ms (median), {plain(found.p99)} ms (p99), "
        f"{plain(found.slowest)} ms at most ({slow.name})",
    )
    return facts


def _rate(found: Audited, kind: str, rate: Estimate) -> str:
    kinds = sum(line.kind == kind for line in found.lines)
    return f"{share(rate)} of {rate.n or 0:,} ({counted(kinds, 'kind')} of honest completions)"


def _named(values: Parts) -> str:
    return ", ".join(f"{name} {figure(value)}" for name, value in values.items())
