"""`stage=compare`: runs on the same problems, pair by pair: is one better, and can that be told?

Read top to bottom: the answers of each run are read, whichever program wrote them; problems are
matched by what they ask; of each way of answering every pair of runs is tested on the problems that
all runs have. Needs no torch and no model.
"""

from pathlib import Path
from typing import cast

from reasoning_lab.comparing.entrants import Entrant, entrants
from reasoning_lab.comparing.figures import compare_way
from reasoning_lab.comparing.matching import Matched, match
from reasoning_lab.comparing.ways import Chosen, choose_ways, left_out
from reasoning_lab.records.changed import CHANGED_SIDES, ChangedProblem, write_changed
from reasoning_lab.records.comparison import COMPARISON, ComparedRun, ComparedRuns
from reasoning_lab.report.pages import compare_page
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.compare import Compare
from reasoning_lab.statistics.interval import Estimate, exactly


def run(run: Run, folder: RunFolder) -> Manifest:
    """Compare the runs that `run` names; write the comparison, what changed sides, and the page."""
    settings = cast(Compare, run.stage)
    runs = entrants(settings, Path(run.output))
    matched, chosen = match(runs), choose_ways(runs, settings.answers)
    found, changed = compare(runs, matched, chosen, run.seed)
    found.write(folder.path)
    write_changed(folder.path, changed)
    manifest = collect(
        run,
        folder,
        kind="report",
        metrics=metrics_of(found),
        artifacts={"comparison": COMPARISON, "changed": CHANGED_SIDES},
        parents=[one.parent for one in runs if one.parent is not None],
        started=process_start(),
    )
    compare_page.write(folder, manifest, found, changed)
    return manifest.model_copy(
        update={"artifacts": {"page": folder.report.name, **manifest.artifacts}}
    )


def compare(
    runs: list[Entrant], matched: Matched, chosen: list[Chosen], seed: int
) -> tuple[ComparedRuns, list[ChangedProblem]]:
    """Every way of the matched problems, and all problems that changed sides in one of them."""
    ways = [compare_way(way, matched.problems, seed) for way in chosen]
    facts = [
        ComparedRun(
            label=one.label,
            name=one.name,
            place=one.place,
            program=one.program,
            side=one.side,
            problems=len(one.problems),
            alone=matched.alone[one.label],
            measured_by=one.measured_by,
            measured_with=dict(one.measured_with),
        )
        for one in runs
    ]
    found = ComparedRuns(
        runs=tuple(facts),
        common=len(matched.problems),
        ways=tuple(way for way, _ in ways),
        left_out=left_out(runs, chosen),
    )
    return found, [problem for _, changed in ways for problem in changed]


def metrics_of(found: ComparedRuns) -> dict[str, Estimate]:
    """The figures as the manifest holds them: `greedy/pass@1/a`, `greedy/difference/b-a`, …."""
    metrics = {"problems": exactly(found.common)}
    for way in found.ways:
        for one in way.runs:
            figures = {"pass@1": one.score, "cut_off": one.cut_off, "empty": one.empty}
            for name, value in {**figures, "tokens": one.tokens}.items():
                if value is not None:
                    metrics[f"{way.name}/{name}/{one.label}"] = value
        for pair in way.pairs:
            metrics[f"{way.name}/difference/{pair.name}"] = pair.difference
            metrics[f"{way.name}/p/{pair.name}"] = exactly(pair.p, way.problems)
            metrics[f"{way.name}/adjusted_p/{pair.name}"] = exactly(pair.adjusted, way.problems)
            if pair.more is not None:
                metrics[f"{way.name}/more_problems/{pair.name}"] = exactly(pair.more)
    return metrics
