"""The end of a run on the console: what came out, how sure that is, and what to do next."""

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.report.run.checks import remarks
from reasoning_lab.report.run.next_steps import next_steps, print_steps, sync
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.words import titled
from reasoning_lab.report.verbs import report_of, warnings
from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run


def show(run: Run, folder: RunFolder, manifest: Manifest, console: Console) -> None:
    """Print the summary of a finished run: the result of its verb, facts, and next steps.

    In a sweep the commands stand once, below its table.
    """
    parts = report_of(type(run.stage)).result(run, folder, manifest, console)
    title = Text(f"result: {titled(manifest.stage, manifest.name)}")
    shown = Group(*parts, "", _facts(run, folder, manifest))
    console.print(Panel(shown, title=title, title_align="left", expand=False))
    steps = [*next_steps(run, manifest), *sync(folder, manifest)]
    if steps and not (folder.path.parent / SWEEP).is_file():
        print_steps(steps, console)


def _facts(run: Run, folder: RunFolder, manifest: Manifest) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in report_of(type(run.stage)).facts(folder, manifest):
        table.add_row(label, Text(clean(text)))
    for sentence in remarks(run, manifest):
        table.add_row("note", Text(clean(sentence)))
    for sentence in warnings(run, manifest, read_metrics(folder.metrics)):
        table.add_row(Text("warning", style="yellow"), Text(clean(sentence), style="yellow"))
    return table
