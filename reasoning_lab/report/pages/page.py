"""`report.html`: one page about one finished run, self-contained and safe to open.

No script, no external resource (a content security policy says so to the browser), every text
from a model, a data set or a configuration escaped by jinja2. The drawings are the only markup
that is inlined, and matplotlib escapes the labels in them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from reasoning_lab.records.answer import read_problems
from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.records.rollout import newest_rollouts
from reasoning_lab.report.pages.curves import SERIES_COLOURS, SMOOTHED_OVER, draw, is_smoothed
from reasoning_lab.report.pages.panels import Panel, Series, panels
from reasoning_lab.report.pages.template import template
from reasoning_lab.report.run import chosen
from reasoning_lab.report.run.checks import remarks
from reasoning_lab.report.run.chosen import changes
from reasoning_lab.report.run.next_steps import next_steps, sync
from reasoning_lab.report.run.results import legend, performance, rows
from reasoning_lab.report.text.sandboxes import sandbox_notes
from reasoning_lab.report.text.words import count, counted, duration, path, titled
from reasoning_lab.report.verbs import warnings
from reasoning_lab.runs.artifacts import split_content
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.schema.run import Run

FILTERS = {"parts": chosen.parts_line, "counted": counted}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot's title, its SVG, the names of its curves in the order of their colours, and how the
    curves are made of the values.
    """

    title: str
    svg: Markup
    labels: list[str]
    note: str


def write(folder: RunFolder) -> Path:
    """Write `report.html` from the folder's run.json, manifest, metrics, samples and problems.

    Gives its path. Raises ArtifactError where the run has no manifest or a file is malformed.
    """
    run = Run.model_validate_json(folder.run_json.read_bytes())
    write_text(folder.report, render(run, folder, read(folder)))
    return folder.report


def render(run: Run, folder: RunFolder, manifest: Manifest) -> str:
    """The page's HTML."""
    metrics = read_metrics(folder.metrics)
    problems = read_problems(folder.problems)
    samples = list(newest_rollouts(folder.samples))
    measured = rows(manifest)
    page = template("report.html", characters=3000, lines=60, **FILTERS)
    return page.render(
        manifest=manifest,
        notes=[*manifest.notes, *sandbox_notes(manifest.sandboxes, whole=True)],
        title=titled(manifest.stage, manifest.name),
        rows=measured,
        legend=legend(measured),
        warnings=warnings(run, manifest, metrics),
        remarks=remarks(run, manifest),
        facts=_facts(run, manifest),
        drawings=drawn_panels(panels(run, manifest, metrics)),
        training=chosen.from_training(samples, count=6),
        held_out=chosen.from_problems(problems, count=4),
        changes=changes(problems),
        next_steps=[*next_steps(run, manifest), *sync(folder, manifest)],
        config=json.dumps(run.model_dump(mode="json"), indent=2, ensure_ascii=False),
        environment=_environment(manifest),
    )


def drawn_panels(found: Sequence[Panel]) -> list[Drawing]:
    """The panels over the same steps, so that one can be read below the other."""
    steps = [step for panel in found for series in panel.series for step in series.steps]
    span = (min(0.0, *steps), max(steps)) if len(steps) > 1 else None
    return [
        Drawing(
            panel.title,
            Markup(draw(panel, span)),
            [one.label for one in panel.series[:SERIES_COLOURS]],
            made(panel.series[:SERIES_COLOURS]),
        )
        for panel in found
    ]


def made(series: Sequence[Series]) -> str:
    """What a reader has to know of the curves: a running mean, merged steps, what points are."""
    said = []
    if any(map(is_smoothed, series)):
        said.append(f"bold: running mean of {SMOOTHED_OVER} values, faint: the values")
    merged = max((one.merged for one in series), default=1)
    if merged > 1:
        said.append(f"each value the mean of {merged} logged steps")
    if any(one.intervals is not None for one in series):
        said.append("points: measured, with 95 % intervals")
    return "; ".join(said)


def finished(moment: datetime) -> str:
    """The minute and its zone: UTC, or how far it is from that.

    >>> finished(datetime.fromisoformat("2026-11-22T17:38:59+00:00"))
    '2026-11-22 17:38 UTC'
    >>> finished(datetime.fromisoformat("2026-11-22T17:38:59+05:30"))
    '2026-11-22 17:38 UTC+05:30'
    """
    offset = moment.strftime("%z")
    away = f"{offset[:3]}:{offset[3:5]}" if offset.strip("+-0") else ""
    return f"{moment:%Y-%m-%d %H:%M}" + (f" UTC{away}" if offset else "")


def _facts(run: Run, manifest: Manifest) -> list[tuple[str, str]]:
    speed = performance(manifest, "tokens_per_second")
    made = [path(Path(one.path)) for one in manifest.parents[:1]]
    asked = [] if run.model is None else [split_content(run.model.path)[0], *made]
    found = [
        *([("model", " = ".join(asked))] if asked else []),
        ("data", run.data.name),
        ("finished", finished(datetime.fromisoformat(manifest.finished))),
        ("took", duration(manifest.seconds)),
        ("peak memory", f"{manifest.peak_memory_mb / 1024:.2f} GiB"),
    ]
    if speed:
        found.append(("speed", f"{count(speed)} tokens/s"))
    return found


def _environment(manifest: Manifest) -> dict[str, dict[str, str]]:
    code, run = {}, {"id": manifest.id, "configuration hash": manifest.config_hash}
    if manifest.git is not None:
        dirty = "yes" if manifest.git.dirty else "no"
        code = {"commit": manifest.git.revision, "uncommitted changes": dirty}
    for place, one in enumerate(manifest.parents, 1):
        run[f"parent {place}"] = f"{one.id} ({one.path})"
    return {
        "code": code,
        "run": run,
        "seeds": {name: str(value) for name, value in manifest.seeds.items()},
        "machine": {name: str(value) for name, value in manifest.hardware.items()},
        "versions": dict(manifest.versions),
    }
