"""The end of a probe on the console: how often right, what would teach, what to mend, the price."""

from collections.abc import Iterator
from typing import cast

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.probe import Probed, read_probe
from reasoning_lab.report.run import lines
from reasoning_lab.report.run.advice import cause
from reasoning_lab.report.run.command import command
from reasoning_lab.report.run.lines import Labelled, Lines, Planned
from reasoning_lab.report.run.suggestions import (
    Step,
    Suggestion,
    Wanted,
    has_answers,
    only_accepted,
)
from reasoning_lab.report.text.narrow import fitting
from reasoning_lab.report.text.words import counted, duration, number, percent, plain, share
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.probe import Probe
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.statistics.pass_rates import bands

ENOUGH = 0.5  # share of groups with a signal from which on larger groups pay little
BAR = 30  # columns of the longest bar
SIGNAL = "probe/signal/"
VERDICT = "probe/verdict/"
TRAINERS = (1.5, 3.5)
"""A step of TRL's over writing and learning alone: 1.7 to 3.4 in experiments/probe.md."""
Metrics = dict[str, Estimate]


def tried(planned: Planned) -> Iterator[Labelled]:
    """How many samples of how many problems."""
    stage = cast(Probe, planned.run.stage)
    each = counted(stage.samples, "sample")
    how = f"{each} of {counted(stage.problems, 'training problem')}"
    yield "probe", f"{how} at temperature {stage.temperature:g} · nothing is trained"


def source(planned: Planned) -> Iterator[Labelled]:
    """The data, of which the training part is tried."""
    yield from lines.asked_part(cast(Probe, planned.run.stage).few(planned.run.data))


PLAN: tuple[Lines, ...] = (
    lines.model,
    lines.device,
    source,
    lines.reward,
    tried,
    lines.results,
    lines.seed,
)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> Iterator[RenderableType]:
    """The verdict, the histogram, the signal of each group size, what went wrong, the price."""
    metrics = manifest.metrics
    yield _verdict(manifest)
    yield ""
    yield fitting(_histogram(read_probe(folder.path)), console)
    yield ""
    yield fitting(_signal(metrics), console)
    yield ""
    yield fitting(_facts(run, metrics), console)


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """What a sweep's table shows of a probe."""
    metrics = manifest.metrics
    found = {"pass@1": share(metrics["probe/pass@1"])}
    size = generations(manifest)
    if size is not None:
        found[f"signal, groups of {size}"] = share(metrics[f"{SIGNAL}{size}"])
    found["ever right"] = percent(metrics["probe/ever_right"].value)
    return found


def generations(manifest: Manifest) -> int | None:
    """The smallest size of groups of which half carry a signal, else the largest that was tried."""
    sizes = _sizes(manifest.metrics)
    enough = [size for size in sizes if manifest.metrics[f"{SIGNAL}{size}"].value >= ENOUGH]
    return next(iter([*enough, *sizes[::-1]]), None)


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """The training that was probed, with the groups that it needs, or teaching first."""
    groups = ("model", "data", "reward", "hardware")
    wanted: Wanted = {name: getattr(run, name).model_dump(mode="json") for name in groups}
    wanted |= {"seed": run.seed, "output": run.output}
    size = generations(manifest)
    trained = {**wanted, "stage": {} if size is None else {"num_generations": size}}
    taught = {**{key: value for key, value in wanted.items() if key != "reward"}, "stage": {}}
    line = command("sft", taught) if has_answers(wanted["data"]) else None
    found: list[Suggestion] = [("train on this reward", command("grpo", trained))]
    return only_accepted(*found, ("teach by worked answers first", line))


def _verdict(manifest: Manifest) -> Text:
    why = _cause(manifest)
    if why:
        return Text(f"Can it be learned? Hardly: {why}", style="bold yellow")
    size = generations(manifest)
    if size is None:
        return Text("No group could be judged", style="bold red")
    teach = share(manifest.metrics[f"{SIGNAL}{size}"])
    said = f"with stage.num_generations={size}, {teach} of the groups teach something"
    return Text(f"Can it be learned? Yes: {said}", style="green")


def _cause(manifest: Manifest) -> str:
    metrics = manifest.metrics
    unparsable = metrics.get(f"{VERDICT}unparsable")
    return cause(
        right=metrics["probe/pass@1"].value,
        ever_right=metrics["probe/ever_right"].value,
        unparsable=0.0 if unparsable is None else unparsable.value,
        cut_off=metrics["probe/cut_off"].value,
        limit_key="stage.max_completion_length",
    )


def _histogram(found: Probed) -> Table:
    rates = [rate for one in found.problems if (rate := one.pass_rate) is not None]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("right in", no_wrap=True)
    table.add_column("problems", justify="right")
    table.add_column("")
    counts = bands(rates)
    most = max((count for _, count in counts), default=0)
    for name, count in counts:
        table.add_row(name, f"{count:,}", Text("█" * round(BAR * count / max(1, most)), "cyan"))
    return table


def _sizes(metrics: Metrics) -> list[int]:
    return sorted(int(name.removeprefix(SIGNAL)) for name in metrics if name.startswith(SIGNAL))


def _signal(metrics: Metrics) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("stage.num_generations", justify="right", no_wrap=True)
    table.add_column("groups that teach", justify="right", no_wrap=True)
    for size in _sizes(metrics):
        table.add_row(str(size), share(metrics[f"{SIGNAL}{size}"]))
    return table


def _facts(run: Run, metrics: Metrics) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("right", f"{share(metrics['probe/pass@1'])} of the completions")
    facts.add_row("ever right", f"{share(metrics['probe/ever_right'])} of the problems")
    verdicts = [
        f"{name.removeprefix(VERDICT)} {percent(value.value)}"
        for name, value in metrics.items()
        if name.startswith(VERDICT)
    ]
    facts.add_row("verdicts", " · ".join(verdicts))
    facts.add_row("format", f"{share(metrics['probe/format'])} keep the think/answer form")
    facts.add_row("cut off", f"{share(metrics['probe/cut_off'])}")
    facts.add_row("tokens", f"{number(metrics['probe/tokens'])} a completion")
    writing, learning = (
        metrics[f"perf/step_{what}_seconds"].value for what in ("writing", "learning")
    )
    stage = cast(Probe, run.stage)
    step = f"{counted(stage.step_completions, 'completion')} a step: {plain(writing)} s to write"
    low, high = (duration(times * metrics["perf/training_seconds"].value) for times in TRAINERS)
    facts.add_row(
        "price",
        f"{step} and {plain(learning)} s to learn from, here; {counted(stage.max_steps, 'step')}"
        f" of a trainer take {low} to {high}",
    )
    return facts
