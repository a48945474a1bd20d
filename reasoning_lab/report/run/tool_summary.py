"""The end of a tool on the console: its own table, then where everything lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.text.clean import clean, one_line
from reasoning_lab.report.text.words import brief, duration, path
from reasoning_lab.report.verbs import audit, replay, samples, score
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run

TABLES: dict[str, ModuleType] = {
    "audit": audit,
    "replay": replay,
    "samples": samples,
    "score": score,
}
Parts = Callable[[Run, RunFolder, Manifest, Console], Sequence[RenderableType]]


def show(run: Run, folder: RunFolder, manifest: Manifest, console: Console) -> None:
    """Print the result of a finished tool: `report/verbs/<verb>.py` says what is shown of it."""
    parts: Parts = TABLES[manifest.stage].parts
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("took", duration(manifest.seconds))
    for note in manifest.notes:
        facts.add_row("note", Text(one_line(brief(note), characters=400)))
    for name, place in manifest.artifacts.items():
        facts.add_row(name, Text(clean(path(folder.path / place))))
    facts.add_row("manifest", Text(clean(path(folder.manifest))))
    shown = [*parts(run, folder, manifest, console), "", facts]
    title = Text(f"result: {manifest.stage} · {manifest.name}")
    console.print(Panel(Group(*shown), title=title, title_align="left", expand=False))
