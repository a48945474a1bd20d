"""`stage=samples`: look at the completions that a training stored, with the parts of their reward.

What is shown is spread evenly from the first step to the last, so that one sees how the answers
changed; without a wanted verdict every verdict gets about as many places. Needs no torch.
"""

from collections import Counter
from pathlib import Path
from typing import cast

from reasoning_lab.errors import ConfigError
from reasoning_lab.records.rollout import UNJUDGED, Rollout, read_rollouts, write_rollouts
from reasoning_lab.report.pages import samples_page
from reasoning_lab.report.text.spread import of_every_kind
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.source import Source, find
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.samples import Samples
from reasoning_lab.statistics.interval import Estimate, proportion

ON_PAGE = 10
"""Completions on the page for one in the terminal."""


def run(run: Run, folder: RunFolder) -> Manifest:
    """Choose completions, write them to `samples.jsonl` and `report.html`."""
    wanted = cast(Samples, run.stage)
    source = find(wanted.path, Path(run.output))
    seen = [(one.verdict or UNJUDGED, one.step) for one in read_rollouts(source.folder.samples)]
    kinds = [kind for kind, _ in seen]
    chosen = choose(kinds, wanted.verdict, wanted.count * ON_PAGE)
    shown = _take(source, chosen)
    write_rollouts(folder.samples, shown)
    metrics = {
        f"verdict/{kind}": proportion(number, len(kinds))
        for kind, number in Counter(kinds).most_common()
    }
    steps = {step for _, step in seen}
    metrics["steps"] = Estimate(value=len(steps), low=min(steps), high=max(steps), n=None)
    manifest = collect(
        run,
        folder,
        kind="report",
        metrics=metrics,
        artifacts={"samples": folder.samples.name},
        parents=[source.parent],
        started=process_start(),
        notes=source.notes(),
    )
    samples_page.write(folder, manifest, shown)
    return manifest.model_copy(
        update={"artifacts": {"page": folder.report.name, **manifest.artifacts}}
    )


def choose(kinds: list[str], verdict: str | None, count: int) -> list[int]:
    """Places of at most `count` completions, in their order; `kinds` are all their verdicts.

    Raises ConfigError where no completion has the wanted verdict.
    """
    if verdict is None:
        return of_every_kind(kinds, count)
    places = [place for place, kind in enumerate(kinds) if kind == verdict]
    if not places:
        there = ", ".join(f"{kind} {number:,}" for kind, number in Counter(kinds).most_common())
        raise ConfigError.one(
            "stage.verdict",
            f"none of the {len(kinds):,} stored completions is {verdict}",
            f"there are: {there}",
        )
    return [places[place] for place in of_every_kind([verdict] * len(places), count)]


def _take(source: Source, places: list[int]) -> list[Rollout]:
    wanted = set(places)
    everything = enumerate(read_rollouts(source.folder.samples))
    return [one for place, one in everything if place in wanted]
