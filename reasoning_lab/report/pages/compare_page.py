"""The page of `stage=compare`: tables, intervals as drawings, and what changed sides.

Self-contained like every page of the lab: no script and nothing loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.changed import ChangedProblem
from reasoning_lab.records.comparison import ComparedRuns, ComparedWay
from reasoning_lab.report.pages.intervals import WIDTH, Axis, lay_out
from reasoning_lab.report.pages.template import template
from reasoning_lab.report.text.words import counted, number, points, share
from reasoning_lab.report.verbs import compare
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest

ON_PAGE = 40
"""Problems that changed sides on the page; all are in `changed.jsonl`."""


@dataclass(frozen=True, slots=True)
class WayShown:
    """One way with its drawings: the scores of all runs, and the differences of all pairs."""

    way: ComparedWay
    scores: Axis
    differences: Axis


def write(
    folder: RunFolder, manifest: Manifest, found: ComparedRuns, changed: Sequence[ChangedProblem]
) -> Path:
    """Write `report.html` over this comparison; gives its path."""
    write_text(folder.report, render(manifest, found, changed))
    return folder.report


def render(manifest: Manifest, found: ComparedRuns, changed: Sequence[ChangedProblem]) -> str:
    """The page's HTML."""
    filters = {
        "share": share,
        "points": points,
        "number": number,
        "counted": counted,
        "called": compare.called,
        "heading": compare.heading,
        "needs": compare.needs,
        "letters": compare.letters,
        "p_value": compare.p_value,
        "moved": compare.moved,
    }
    return template("compare.html", characters=4000, lines=80, **filters).render(
        manifest=manifest,
        found=found,
        ways=[_drawn(way) for way in found.ways],
        width=WIDTH,
        warnings=compare.cautions(found),
        notes=compare.remarks_on(found),
        legend=[compare.LEGEND, *compare.legend(found)],
        changed=compare.chosen_changes(changed, ON_PAGE),
        total=len(changed),
        right_of=compare.right_of,
        typical=compare.typical,
    )


def _drawn(way: ComparedWay) -> WayShown:
    scores = [(one.label, one.score, f"series-{n % 6 + 1}") for n, one in enumerate(way.runs)]
    pairs = [
        (f"{one.second} - {one.first}", one.difference, one.verdict.replace(" ", "-"))
        for one in way.pairs
    ]
    return WayShown(way, lay_out(scores, signed=False), lay_out(pairs, signed=True))
