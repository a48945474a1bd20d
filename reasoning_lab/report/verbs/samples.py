"""What `stage=samples` shows in the terminal."""

from collections.abc import Iterator, Sequence
from typing import cast

from rich.console import Console, RenderableType
from rich.text import Text

from reasoning_lab.records.rollout import UNJUDGED, Rollout, read_rollouts
from reasoning_lab.report.run import lines
from reasoning_lab.report.run.lines import Lines
from reasoning_lab.report.text.clean import one_line
from reasoning_lab.report.text.completion import completion
from reasoning_lab.report.text.spread import of_every_kind
from reasoning_lab.report.text.words import counted, percent
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.samples import Samples

PLAN: tuple[Lines, ...] = (lines.stored, lines.results)


def parts(
    run: Run, folder: RunFolder, manifest: Manifest, console: Console
) -> list[RenderableType]:
    """How many there are of each verdict, then the completions, earliest first."""
    wanted = cast(Samples, run.stage)
    stored = list(read_rollouts(folder.samples))
    places = of_every_kind([one.verdict or UNJUDGED for one in stored], wanted.count)
    shown = [stored[place] for place in places]
    found: list[RenderableType] = [Text(counts(manifest)), Text(_what(run, shown), style="dim")]
    for one in shown:
        found += ["", completion(one)]
    return found


def sweep_figures(manifest: Manifest) -> dict[str, str]:
    """How many completions the source has of each verdict: the same for all filters."""
    return {kind: f"{number:,}" for kind, number, _ in _verdicts(manifest)}


def counts(manifest: Manifest) -> str:
    """`4,000 completions of 100 steps (1 to 100): correct 2,412 (60.3 %), …`."""
    verdicts = list(_verdicts(manifest))
    steps = manifest.metrics["steps"]
    total = sum(number for _, number, _ in verdicts)
    listed = ", ".join(f"{kind} {number:,} ({percent(share)})" for kind, number, share in verdicts)
    first, last = int(steps.low or 0), int(steps.high or 0)
    span = f" ({first:,} to {last:,})" if first < last else f" ({first:,})"
    made = f"{counted(total, 'completion')} of {counted(round(steps.value), 'step')}"
    return f"{made}{span}: {listed}"


def _verdicts(manifest: Manifest) -> Iterator[tuple[str, int, float]]:
    for name, estimate in manifest.metrics.items():
        kind, _, verdict = name.partition("/")
        if kind == "verdict":
            yield one_line(verdict), round(estimate.value * (estimate.n or 0)), estimate.value


def _what(run: Run, shown: Sequence[Rollout]) -> str:
    verdict = cast(Samples, run.stage).verdict
    which = f"of those that are {verdict}" if verdict else "about as many of each verdict"
    spread = ", spread from the first step to the last" if _several_steps(shown) else ""
    return f"shown: {len(shown):,}, {which}{spread}"


def _several_steps(shown: Sequence[Rollout]) -> bool:
    return len({one.step for one in shown}) > 1
