"""What is told of `stage=reject`: how much is kept, why not the rest, and what to train on it."""

from collections.abc import Iterator, Mapping
from typing import cast

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.dataset import DATASET, DatasetCard, read_card
from reasoning_lab.report.run import checks, lines
from reasoning_lab.report.run.checks import Check, Metrics
from reasoning_lab.report.run.command import command
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.run.suggestions import Step, only_accepted
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import counted, number, percent, plain, share
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.statistics.interval import Estimate

BAR = 30  # columns of the longest bar
Figures = Mapping[str, Estimate]


def sampled(planned: Planned) -> Iterator[Labelled]:
    """How many samples of how many problems, and what is kept."""
    stage = cast(Reject, planned.run.stage)
    problems = (
        "all training problems"
        if stage.problems is None
        else counted(stage.problems, "training problem")
    )
    each = f"at most {counted(stage.samples, 'sample')} each at temperature {stage.temperature:g}"
    yield "sampled", f"{problems}, {each}"
    most = f"at most {stage.keep} of each problem that the reward calls right, {stage.choose} first"
    hints = "; unsolved ones are asked again with a hint" if stage.hint == "gold" else ""
    yield "kept", most + hints


def source(planned: Planned) -> Iterator[Labelled]:
    """The data, of which the training part is asked."""
    yield from lines.asked_part(cast(Reject, planned.run.stage).few(planned.run.data))


PLAN: tuple[Lines, ...] = (
    lines.model,
    lines.device,
    source,
    lines.reward,
    sampled,
    lines.results,
    lines.seed,
)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> Iterator[RenderableType]:
    """The yield, what is kept, why the rest is not, and how hard the problems were."""
    card = read_card(folder.path / DATASET)
    yield _verdict(card, manifest.metrics)
    yield ""
    yield fitting(_facts(card, manifest.metrics), console)
    for title, unit, counts in (
        ("not kept", "completions", card.reasons),
        ("right in", "problems", {one.name: one.problems for one in card.pass_rates}),
    ):
        if counts:
            yield ""
            yield fitting(_bars(title, unit, counts), console)


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """What a sweep's table shows of it."""
    found = manifest.metrics
    shown = {"kept": plain(found["reject/kept"].value), "yield": share(found["reject/yield"])}
    if "reject/strict" in found:
        shown["strict"] = share(found["reject/strict"])
    return shown


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Fine-tuning of the same model on what is kept."""
    if not manifest.metrics["reject/kept"].value:
        return []
    made = {"name": "from_run", "kind": "from_run", "path": f"run:{run.name}@{manifest.id}"}
    data = {**made, "train_size": None, "heldout_size": None, "seed": 0, "too_long": "drop"}
    wanted = {
        "model": run.model.model_dump(mode="json"),
        "data": data,
        "hardware": run.hardware.model_dump(mode="json"),
        "stage": {},
        "output": run.output,
    }
    return only_accepted(("learn from what is kept", command("sft", wanted)))


def _nothing_kept(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    if manifest.metrics["reject/kept"].value:
        return ""
    least = cast(Reject, run.stage).min_reward
    if least is not None:
        return f"nothing is kept: lower stage.min_reward={least:g}, or try stage=probe"
    return "nothing is kept: try stage=probe, which tells why"


def _gamed(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    strict = manifest.metrics.get("reject/strict")
    if strict is None or strict.high is None or strict.high >= TRUSTED:
        return ""
    said = f"only {share(strict)} of what the reward calls right is right by the strict metric"
    return f"{said}: look at the rows before you train on them"


def _alike(run: Run, manifest: Manifest, metrics: Metrics) -> str:
    distinct = manifest.metrics.get("reject/distinct")
    if distinct is None or distinct.value >= VARIED:
        return ""
    said = f"only {percent(distinct.value)} of the kept completions are distinct: bare guesses?"
    return f"{said} What is kept is what is learned; stage.min_reward asks for more"


VARIED = 0.5
"""Share of distinct texts among the kept, below which one is warned."""
TRUSTED = 0.98
"""Share of the kept that is right by the strict metric, below which one is warned."""
CHECKS: tuple[Check, ...] = (_nothing_kept, _gamed, _alike, checks.uncommitted)


def _verdict(card: DatasetCard, metrics: Figures) -> Text:
    rows = counted(card.kept, "completion")
    problems = counted(card.problems, "problem")
    solved = f"{card.solved:,} of {problems} have one: {share(metrics['reject/yield'])}"
    return Text(f"{rows} kept; {solved}", style="green" if card.kept else "bold yellow")


def _facts(card: DatasetCard, metrics: Figures) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    each = f"{plain(card.sampled / max(1, card.kept))} for each that is kept"
    facts.add_row("samples", f"{card.sampled:,} · {each}")
    facts.add_row("pass@1", f"{share(metrics['reject/pass@1'])} of the first samples are right")
    if "reject/strict" in metrics:
        seen = "of the kept are right by the metric that no reward sees"
        facts.add_row("strict", f"{share(metrics['reject/strict'])} {seen}")
    if "reject/distinct" in metrics:
        distinct = f"{percent(metrics['reject/distinct'].value)} distinct"
        facts.add_row("kept", f"{number(metrics['reject/tokens'])} tokens each · {distinct}")
    if card.hinted:
        facts.add_row("hinted", f"{percent(card.hinted / card.kept)} of the kept")
    if "perf/kept_per_second" in metrics:
        facts.add_row("pace", f"{plain(metrics['perf/kept_per_second'].value)} kept a second")
    return facts


def _bars(title: str, unit: str, counts: Mapping[str, int]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column(title, no_wrap=True)
    table.add_column(unit, justify="right")
    table.add_column("")
    most = max(counts.values())
    for name, count in counts.items():
        table.add_row(name, f"{count:,}", Text("█" * round(BAR * count / max(1, most)), "cyan"))
    return table
